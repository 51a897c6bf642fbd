#pragma once

// A small face of the database: what writers and readers of a module see of it.
//
// A SqlSession and its statements belong to one thread. Every call may throw Poco::Exception; after that,
// a statement may be executed again only once its owner was told to prepare() anew.

#include "octagent/Sdk.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace octagent {
inline namespace v1 {

class OCTAGENT_SDK_TYPE Statement {
public:
    virtual ~Statement() = default;

    // Parameters are counted from 1. Bound text is not copied: it must live until execute() returns, or until
    // the last step(). What is not bound again keeps its value.
    virtual void bind(int index, std::int64_t value) = 0;
    virtual void bind(int index, double value) = 0;
    virtual void bind(int index, std::string_view value) = 0;
    virtual void bindNull(int index) = 0;

    // Runs to the end and resets. Returns the number of rows that were inserted, updated or deleted.
    virtual std::int64_t execute() = 0;

    // For queries: moves to the next row; false, and reset, after the last one.
    virtual bool step() = 0;
    // Ends a query before its last row; without effect otherwise.
    virtual void reset() = 0;

    // Columns are counted from 0, valid after a step() that returned true, until the next one.
    virtual bool isNull(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
};

class OCTAGENT_SDK_TYPE SqlSession {
public:
    virtual ~SqlSession() = default;

    // One statement, compiled. It must not outlive the session.
    virtual std::unique_ptr<Statement> prepare(std::string_view sql) = 0;

    // One or more statements without parameters, run at once.
    virtual void execute(const std::string& sql) = 0;
};

} // namespace v1
} // namespace octagent
