// One HTTP(S) GET through libcurl, whose options are variadic and so out of Swift's reach.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
    // CURLcode; 0 is success.
    int code;
    // HTTP status of the last answer; 0 where there was none.
    long status;
    // errno of a failed system call under the transfer, else 0.
    long system_error;
    // libcurl's own words.
    char message[256];
} vlseg_curl_result;

// What kind of failure a CURLcode is.
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

// Receives body bytes with the answer's status; returns 0 to stop the transfer.
typedef int (*vlseg_curl_body)(const void *bytes, size_t count, long status, void *context);
// Called now and then; returns 0 to stop the transfer.
typedef int (*vlseg_curl_alive)(void *context);

// Must be called once before the first transfer, from one thread. Returns 0 on success.
int vlseg_curl_start(void);

// GETs `url`, asking for the bytes from `from` on when it is above zero. Follows redirections between http and https only.
void vlseg_curl_get(const char *url, int64_t from, const char *user_agent, vlseg_curl_body body, vlseg_curl_alive alive, void *context,
                    vlseg_curl_result *result);

vlseg_curl_kind vlseg_curl_kind_of(int code);
