// POCO names this header as Windows' own file systems let it; mingw's is lower case.
#include <winsock2.h>
