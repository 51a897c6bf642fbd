#pragma once

// Messages that a convention spreads over numbered attributes, put together again:
//
//     gen_ai.prompt.0.role = "user", gen_ai.prompt.0.content = "Hi"   becomes   [{"content":"Hi","role":"user"}]
//
// One set of messages each; keeps views of the keys and pointers to the values it is given. One thread.

#include "SpanModel.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace octagent::otlp {

class FlatMessages {
public:
    // `path` begins with the message's number: "0.content".
    void add(std::string_view path, const AnyValue& value) { _root.add(path, value, 0); }
    bool empty() const noexcept { return _root.children.empty(); }

    // Numbered members are arrays in the order of their numbers, others objects in the order of their names. The
    // level "message" that OpenInference puts between the number and the message is left out.
    std::string json() const;

private:
    struct ByNumber {
        bool operator()(std::string_view left, std::string_view right) const noexcept;
    };
    struct Node {
        std::map<std::string_view, Node, ByNumber> children;
        const AnyValue* value = nullptr;

        void add(std::string_view path, const AnyValue& leaf, std::size_t depth);
        void append(std::string& out) const;
    };

    Node _root;
};

} // namespace octagent::otlp
