# Cross-compiles for 64-bit Windows with Debian's mingw-w64, against the libraries that ./dependencies/build keeps.
#
# OCTAGENT_WINDOWS_PREFIX in the environment says where those are; else ~/.cache/octagent/windows.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

# The posix variant: std::thread and std::mutex need it.
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_MC_COMPILER x86_64-w64-mingw32-windmc) # POCO's event log messages

if(DEFINED ENV{OCTAGENT_WINDOWS_PREFIX})
    set(octagent_prefix $ENV{OCTAGENT_WINDOWS_PREFIX})
elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(octagent_prefix $ENV{XDG_CACHE_HOME}/octagent/windows/prefix)
else()
    set(octagent_prefix $ENV{HOME}/.cache/octagent/windows/prefix)
endif()
set(OCTAGENT_WINDOWS_PREFIX ${octagent_prefix} CACHE PATH "Where the cross-built libraries lie")

# Nothing of the building system's own libraries may be found.
set(CMAKE_FIND_ROOT_PATH ${OCTAGENT_WINDOWS_PREFIX} /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_PREFIX_PATH ${OCTAGENT_WINDOWS_PREFIX})
set(ENV{PKG_CONFIG_LIBDIR} ${OCTAGENT_WINDOWS_PREFIX}/lib/pkgconfig)

# Windows 7 and later. NOMINMAX and WIN32_LEAN_AND_MEAN because Poco's headers bring <windows.h> everywhere.
add_compile_definitions(_WIN32_WINNT=0x0601 WINVER=0x0601 NOMINMAX WIN32_LEAN_AND_MEAN)
include_directories(BEFORE SYSTEM ${CMAKE_CURRENT_LIST_DIR}/shims)

set(CMAKE_CROSSCOMPILING_EMULATOR wine)
