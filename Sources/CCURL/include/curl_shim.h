// One HTTP(S) GET through libcurl. libcurl's options are variadic, so Swift cannot call them.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    // CURLcode; 0 is success.
    int code;
    // HTTP status of the last answer; 0 if there was none.
    long status;
    // errno of a system call that failed during the transfer, else 0.
    long system_error;
    // libcurl's own error text.
    char message[256];
} vlseg_curl_result;

// The kind of failure of a CURLcode.
typedef enum {
    VLSEG_CURL_OK,
    VLSEG_CURL_HOST_UNKNOWN,
    VLSEG_CURL_CONNECT,
    VLSEG_CURL_CERTIFICATE,
    VLSEG_CURL_CUT,
    VLSEG_CURL_TIMEOUT,
    VLSEG_CURL_URL,
    VLSEG_CURL_STOPPED,
    VLSEG_CURL_OTHER
} vlseg_curl_kind;

// Receives bytes of the body with the status of the answer; returns 0 to stop the transfer.
typedef int (*vlseg_curl_body)(const void *bytes, size_t count, long status, void *context);
// Called from time to time; returns 0 to stop the transfer.
typedef int (*vlseg_curl_alive)(void *context);

// Call it once, from one thread, before the first transfer. Returns 0 on success.
int vlseg_curl_start(void);

// GETs `url`; if `from` is above zero, requests the bytes from there on. Follows redirections between http and https only.
void vlseg_curl_get(const char *url, int64_t from, const char *user_agent, vlseg_curl_body body, vlseg_curl_alive alive, void *context,
                    vlseg_curl_result *result);

vlseg_curl_kind vlseg_curl_kind_of(int code);
