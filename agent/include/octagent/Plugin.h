#pragma once

// How a module is found: the last line of one of its source files.
//
//     OCTAGENT_MODULE(octagent::IngestModule)
//
// In a shared library it exports the SDK's identity, which the agent reads first, and the manifest for Poco's
// ClassLoader. Built into the agent (OCTAGENT_BUILTIN_MODULE is the module's identifier there), it defines the
// function that makes the module.

#include "octagent/Module.h"

#include <Poco/ClassLibrary.h>

#if defined(OCTAGENT_BUILTIN_MODULE)

#define OCTAGENT_MODULE_JOIN(prefix, name) prefix##name
#define OCTAGENT_MODULE_FACTORY(name) OCTAGENT_MODULE_JOIN(octagentMake_, name)
// NOLINTBEGIN(bugprone-macro-parentheses): a type's name takes none
#define OCTAGENT_MODULE(Class)                                                                                         \
    octagent::Module* OCTAGENT_MODULE_FACTORY(OCTAGENT_BUILTIN_MODULE)();                                              \
    octagent::Module* OCTAGENT_MODULE_FACTORY(OCTAGENT_BUILTIN_MODULE)() { return new Class; }
// NOLINTEND(bugprone-macro-parentheses)

#else

#define OCTAGENT_MODULE(Class)                                                                                         \
    extern "C" OCTAGENT_EXPORT const octagent::SdkIdentity* octagentSdkIdentity() {                                    \
        static const octagent::SdkIdentity identity = octagent::sdkIdentity();                                         \
        return &identity;                                                                                              \
    }                                                                                                                  \
    POCO_BEGIN_MANIFEST(octagent::Module)                                                                              \
    POCO_EXPORT_CLASS(Class)                                                                                           \
    POCO_END_MANIFEST

#endif
