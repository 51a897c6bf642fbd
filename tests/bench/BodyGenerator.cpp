// Writes request bodies that look like real traces, and the same events as rows.
//
//     bench-bodies DIRECTORY BYTES COUNT
//
// DIRECTORY/0001.json ... are bodies of POST /v1/traces of about BYTES each.
// DIRECTORY/rows holds what an agent stores of them, for the plain SQLite baseline: for each row the twelve
// columns from `provider` to `metadata`, each a type ('T', 'I', 'R' or 'N'), 8 bytes of value (for 'T' the
// length) and the text. The same arguments give the same bytes on every machine.

#include "TraceBodies.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using octagent::bench::TraceBodies;
using octagent::bench::TraceBody;

class RowFile {
public:
    explicit RowFile(const std::string& path) : _out(path, std::ios::binary) {}

    void text(std::string_view value) {
        head('T', value.size());
        _out.write(value.data(), static_cast<std::streamsize>(value.size()));
    }
    void integer(std::uint64_t value) { head('I', value); }
    void real(double value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof(bits));
        head('R', bits);
    }
    void null() { head('N', 0); }
    bool isGood() const { return _out.good(); }

private:
    void head(char type, std::uint64_t value) {
        _out.put(type);
        std::array<char, sizeof(value)> bytes{};
        std::memcpy(bytes.data(), &value, sizeof(value));
        _out.write(bytes.data(), bytes.size());
    }

    std::ofstream _out;
};

void writeRow(RowFile& rows, const TraceBody& trace) {
    rows.text(trace.provider);
    rows.text(trace.model);
    rows.text(trace.inputText);
    rows.text(trace.outputText);
    rows.integer(trace.promptTokens);
    rows.integer(trace.completionTokens);
    rows.integer(trace.promptTokens + trace.completionTokens);
    rows.real(trace.costUsd);
    rows.integer(trace.latencyMs);
    rows.text(trace.status);
    if (trace.errorType)
        rows.text(*trace.errorType);
    else
        rows.null();
    rows.text(trace.metadata);
}

int generate(const std::string& directory, std::size_t bytes, std::size_t count) {
    TraceBodies bodies(bytes);
    RowFile rows(directory + "/rows");
    std::size_t total = 0;
    for (std::size_t i = 1; i <= count; ++i) {
        std::array<char, 16> name{};
        std::snprintf(name.data(), name.size(), "/%04zu.json", i);
        const TraceBody trace = bodies.next();
        writeRow(rows, trace);
        std::ofstream out(directory + name.data(), std::ios::binary);
        out << trace.json;
        if (!out.flush() || !rows.isGood())
            throw std::runtime_error("cannot write into " + directory);
        total += trace.json.size();
    }
    std::cout << "bodies=" << count << " mean_bytes=" << total / count << '\n';
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 4)
            throw std::invalid_argument("usage: bench-bodies DIRECTORY BYTES COUNT");
        return generate(argv[1], std::stoul(argv[2]), std::stoul(argv[3]));
    } catch (const std::exception& e) {
        std::cerr << "bench-bodies: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
