// Baseline (b): how fast plain SQLite calls write the same rows into the agent's own schema.
//
//     bench-sqlite DATABASE ROWS SECONDS [PRAGMA...]
//
// DATABASE was made by the agent and is empty; ROWS comes from bench-bodies; each PRAGMA ("cache_size=-8000") is
// set on the connection as the agent sets it on its own. Rows are written in transactions of 50, in WAL mode,
// with text that is read and ids that are made beforehand. Prints rows, seconds, and processor time.

#define _XOPEN_SOURCE 700

#include <inttypes.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { columnsPerRow = 12, batchSize = 50, idLength = 36, idCount = 1 << 18 };

struct Column {
    char type;
    uint64_t value;
    const char* text;
};

static void die(const char* what, const char* why) {
    fprintf(stderr, "bench-sqlite: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void* allocate(size_t bytes) {
    void* memory = malloc(bytes);
    if (memory == NULL)
        die("malloc", "no memory");
    return memory;
}

static char* readFile(const char* path, size_t* size) {
    FILE* file = fopen(path, "rb");
    if (file == NULL)
        die(path, "cannot open");
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char* bytes = allocate(*size);
    if (fread(bytes, 1, *size, file) != *size)
        die(path, "cannot read");
    fclose(file);
    return bytes;
}

// The file's columns, in a row; `*count` becomes their number.
static struct Column* parseRows(const char* bytes, size_t size, size_t* count) {
    struct Column* columns = allocate((size / 9 + 1) * sizeof(struct Column));
    size_t at = 0;
    *count = 0;
    while (at + 9 <= size) {
        struct Column* column = &columns[(*count)++];
        column->type = bytes[at];
        memcpy(&column->value, bytes + at + 1, sizeof(column->value));
        column->text = bytes + at + 9;
        at += 9 + (column->type == 'T' ? column->value : 0);
    }
    if (at != size || *count == 0 || *count % columnsPerRow != 0)
        die("rows", "malformed");
    return columns;
}

// Random version 4 UUIDs, one after the other.
static char* makeIds(void) {
    static const char hex[] = "0123456789abcdef";
    char* ids = allocate((size_t)idCount * idLength);
    for (size_t i = 0; i < idCount; ++i) {
        char* id = ids + i * idLength;
        for (int at = 0; at < idLength; ++at)
            id[at] = hex[random() & 15];
        id[8] = id[13] = id[18] = id[23] = '-';
        id[14] = '4';
        id[19] = hex[8 + (random() & 3)];
    }
    return ids;
}

static void execute(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(database));
}

static sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = NULL;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(database));
    return statement;
}

static void run(sqlite3* database, sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE)
        die(sqlite3_sql(statement), sqlite3_errmsg(database));
    sqlite3_reset(statement);
}

static void bindColumn(sqlite3_stmt* statement, int index, const struct Column* column) {
    double real = 0;
    switch (column->type) {
    case 'T':
        sqlite3_bind_text(statement, index, column->text, (int)column->value, SQLITE_STATIC);
        break;
    case 'I':
        sqlite3_bind_int64(statement, index, (sqlite3_int64)column->value);
        break;
    case 'R':
        memcpy(&real, &column->value, sizeof(real));
        sqlite3_bind_double(statement, index, real);
        break;
    default:
        sqlite3_bind_null(statement, index);
    }
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int64_t unixMilliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char** argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: bench-sqlite DATABASE ROWS SECONDS [PRAGMA...]\n");
        return EXIT_FAILURE;
    }
    size_t size = 0;
    size_t columnCount = 0;
    char* bytes = readFile(argv[2], &size);
    struct Column* columns = parseRows(bytes, size, &columnCount);
    char* ids = makeIds();
    const double limit = atof(argv[3]);

    sqlite3* database = NULL;
    if (sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die(argv[1], sqlite3_errmsg(database));
    execute(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
    for (int i = 4; i < argc; ++i) {
        char sql[128];
        snprintf(sql, sizeof(sql), "PRAGMA %s", argv[i]);
        execute(database, sql);
    }
    sqlite3_stmt* begin = prepare(database, "BEGIN IMMEDIATE");
    sqlite3_stmt* commit = prepare(database, "COMMIT");
    sqlite3_stmt* insert =
        prepare(database, "INSERT INTO llm_traces(trace_id, created_at, provider, model, input_text, output_text, "
                          "prompt_tokens, completion_tokens, total_tokens, cost_usd, latency_ms, status, error_type, "
                          "metadata) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)");

    const double start = seconds(CLOCK_MONOTONIC);
    const double cpuStart = seconds(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t rows = 0;
    size_t at = 0;
    double elapsed = 0;
    while (elapsed < limit) {
        run(database, begin);
        for (int i = 0; i < batchSize; ++i) {
            sqlite3_bind_text(insert, 1, ids + (rows % idCount) * idLength, idLength, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 2, unixMilliseconds());
            for (int column = 0; column < columnsPerRow; ++column)
                bindColumn(insert, column + 3, &columns[at + (size_t)column]);
            run(database, insert);
            at = (at + columnsPerRow) % columnCount;
            ++rows;
        }
        run(database, commit);
        elapsed = seconds(CLOCK_MONOTONIC) - start;
    }
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpuStart;
    printf("rows=%" PRIu64 " seconds=%.3f rows_per_second=%.0f cpu_us_per_row=%.2f\n", rows, elapsed,
           (double)rows / elapsed, cpu * 1e6 / (double)rows);

    sqlite3_finalize(insert);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(database);
    free(ids);
    free(columns);
    free(bytes);
    return EXIT_SUCCESS;
}
