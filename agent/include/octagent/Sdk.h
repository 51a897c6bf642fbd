#pragma once

// The SDK's version and build identity.
//
// The SDK is the only thing that a module or plugin sees of the agent. It is header-only: it needs Poco and
// the standard library, and no compiled part of the agent. Because its classes cross a shared library's
// border, a plugin must be built with the same SDK version, the same C++ ABI and the same Poco as the agent;
// the loader compares SdkIdentity before it runs any code of the plugin.
//
// Everything lives in a versioned inline namespace, so that two incompatible SDKs never share a symbol.

#include <Poco/Version.h>

#include <cstdint>

#define OCTAGENT_SDK_MAJOR 1
#define OCTAGENT_SDK_MINOR 0
#define OCTAGENT_SDK_VERSION "1.0"

// Classes of the SDK are visible even in plugins built with hidden visibility, so that their type information
// is one and the same on both sides of the border.
#if defined(_WIN32)
#define OCTAGENT_SDK_TYPE
#define OCTAGENT_EXPORT __declspec(dllexport)
#else
#define OCTAGENT_SDK_TYPE __attribute__((visibility("default")))
#define OCTAGENT_EXPORT __attribute__((visibility("default")))
#endif

#if defined(__clang__)
#define OCTAGENT_COMPILER "clang"
#elif defined(__GNUC__)
#define OCTAGENT_COMPILER "gcc"
#else
#define OCTAGENT_COMPILER "other"
#endif

namespace octagent {
inline namespace v1 {

// What a plugin was built with. Plain data: it is read before anything of the plugin is trusted, so its layout
// never changes.
struct SdkIdentity {
    std::uint32_t size;        // sizeof(SdkIdentity), guards against a foreign symbol of the same name
    std::uint32_t pocoVersion; // POCO_VERSION
    const char* sdkVersion;    // OCTAGENT_SDK_VERSION
    const char* compiler;      // OCTAGENT_COMPILER
    std::uint32_t abiVersion;  // __GXX_ABI_VERSION
    std::uint32_t libraryAbi;  // 1 when std::string is the C++11 one
};

inline SdkIdentity sdkIdentity() noexcept {
#if defined(__GXX_ABI_VERSION)
    constexpr std::uint32_t abi = __GXX_ABI_VERSION;
#else
    constexpr std::uint32_t abi = 0;
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI)
    constexpr std::uint32_t libraryAbi = _GLIBCXX_USE_CXX11_ABI;
#else
    constexpr std::uint32_t libraryAbi = 0;
#endif
    return {sizeof(SdkIdentity), POCO_VERSION, OCTAGENT_SDK_VERSION, OCTAGENT_COMPILER, abi, libraryAbi};
}

} // namespace v1
} // namespace octagent
