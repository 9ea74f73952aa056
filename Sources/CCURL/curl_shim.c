#include "curl_shim.h"
#include <curl/curl.h>
#include <string.h>

typedef struct {
    CURL *handle;
    vlseg_curl_body body;
    vlseg_curl_alive alive;
    void *context;
} transfer;

int vlseg_curl_start(void) { return (int)curl_global_init(CURL_GLOBAL_DEFAULT); }

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    transfer *own = context;
    long status = 0;
    curl_easy_getinfo(own->handle, CURLINFO_RESPONSE_CODE, &status);
    return own->body(bytes, size * count, status, own->context) ? size * count : 0;
}

static int tick(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    (void)total, (void)now, (void)up_total, (void)up_now;
    transfer *own = context;
    return own->alive(own->context) ? 0 : 1;
}

void vlseg_curl_get(const char *url, int64_t from, const char *user_agent, vlseg_curl_body body, vlseg_curl_alive alive, void *context,
                    vlseg_curl_result *result) {
    memset(result, 0, sizeof *result);
    CURL *handle = curl_easy_init();
    if (!handle) {
        result->code = CURLE_FAILED_INIT;
        strcpy(result->message, "libcurl cannot start");
        return;
    }
    transfer own = {handle, body, alive, context};
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 30L);
    // The connection counts as dead after half a minute with less than one byte per second.
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, 30L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, user_agent);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, result->message);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &own);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, tick);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &own);
    // Not CURLOPT_RESUME_FROM_LARGE: that fails if the server sends the whole file. The caller sees the status and starts again.
    char range[32];
    if (from > 0) {
        snprintf(range, sizeof range, "%lld-", (long long)from);
        curl_easy_setopt(handle, CURLOPT_RANGE, range);
    }
    CURLcode code = curl_easy_perform(handle);
    result->code = (int)code;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &result->status);
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &result->system_error);
    if (code != CURLE_OK && !result->message[0]) { strncpy(result->message, curl_easy_strerror(code), sizeof result->message - 1); }
    curl_easy_cleanup(handle);
}

vlseg_curl_kind vlseg_curl_kind_of(int code) {
    switch (code) {
    case CURLE_OK: return VLSEG_CURL_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return VLSEG_CURL_HOST_UNKNOWN;
    case CURLE_COULDNT_CONNECT: return VLSEG_CURL_CONNECT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return VLSEG_CURL_CERTIFICATE;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return VLSEG_CURL_CUT;
    case CURLE_OPERATION_TIMEDOUT: return VLSEG_CURL_TIMEOUT;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return VLSEG_CURL_URL;
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_WRITE_ERROR: return VLSEG_CURL_STOPPED;
    default: return VLSEG_CURL_OTHER;
    }
}
