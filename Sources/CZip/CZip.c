// libzip 1.7 to 1.11 behind CZip.h: only this file uses its types and constants.
#include "CZip.h"
#include <stdio.h>
#include <stdlib.h>
#include <zip.h>

struct vlseg_zip {
    zip_t *archive;
    // The open member, or NULL.
    zip_file_t *file;
    // Whether the last failure concerned the member and not the archive.
    int of_file;
};

static void put(char *message, const char *text) { snprintf(message, VLSEG_ZIP_MESSAGE_BYTES, "%s", text ? text : "no reason given"); }

vlseg_zip *vlseg_zip_open(const void *bytes, size_t count, char message[VLSEG_ZIP_MESSAGE_BYTES]) {
    vlseg_zip *result = calloc(1, sizeof *result);
    if (!result) {
        put(message, "out of memory");
        return NULL;
    }
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, count, 0, &error);
    if (source) {
        result->archive = zip_open_from_source(source, ZIP_RDONLY, &error);
        if (!result->archive) zip_source_free(source);
    }
    if (!result->archive) {
        put(message, zip_error_strerror(&error));
        free(result);
        result = NULL;
    }
    zip_error_fini(&error);
    return result;
}

static void end_member(vlseg_zip *archive) {
    if (archive->file) zip_fclose(archive->file);
    archive->file = NULL;
    archive->of_file = 0;
}

void vlseg_zip_close(vlseg_zip *archive) {
    if (!archive) return;
    end_member(archive);
    zip_discard(archive->archive);
    free(archive);
}

int64_t vlseg_zip_find(vlseg_zip *archive, const char *name) {
    archive->of_file = 0;
    return zip_name_locate(archive->archive, name, ZIP_FL_NOCASE);
}

int64_t vlseg_zip_size(vlseg_zip *archive, uint64_t index) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    archive->of_file = 0;
    if (zip_stat_index(archive->archive, index, 0, &stat) != 0) return -1;
    return stat.size > INT64_MAX ? INT64_MAX : (int64_t)stat.size;
}

int vlseg_zip_start(vlseg_zip *archive, uint64_t index) {
    end_member(archive);
    archive->file = zip_fopen_index(archive->archive, index, 0);
    return archive->file != NULL;
}

int64_t vlseg_zip_read(vlseg_zip *archive, void *into, size_t capacity) {
    archive->of_file = 1;
    return archive->file ? zip_fread(archive->file, into, capacity) : -1;
}

void vlseg_zip_reason(vlseg_zip *archive, char message[VLSEG_ZIP_MESSAGE_BYTES]) {
    put(message, archive->of_file && archive->file ? zip_file_strerror(archive->file) : zip_strerror(archive->archive));
}
