#pragma once

// A reference to a callable, for a callback that is called only while the call it was passed to runs. Unlike
// std::function it never allocates, and it does not own: the callable must outlive the call.

#include <memory>
#include <type_traits>
#include <utility>

namespace octagent::ingest {

template <class Signature> class FunctionRef;

template <class Result, class... Args> class FunctionRef<Result(Args...)> {
public:
    // Implicit, so that a lambda can be written in the call.
    template <class Callable, class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef>>>
    FunctionRef(Callable&& callable) noexcept
        : _callable(std::addressof(callable)), _call([](const void* target, Args... args) -> Result {
              using Target = std::remove_reference_t<Callable>;
              return (*const_cast<Target*>(static_cast<const Target*>(target)))(std::forward<Args>(args)...);
          }) {}

    Result operator()(Args... args) const { return _call(_callable, std::forward<Args>(args)...); }

private:
    const void* _callable; // cast back to what it was, const or not
    Result (*_call)(const void*, Args...);
};

} // namespace octagent::ingest
