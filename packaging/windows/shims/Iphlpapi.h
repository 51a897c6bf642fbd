// See Winsock2.h. The macro collides with an enumerator of Poco::Net::ICMPv4PacketImpl.
#include <iphlpapi.h>
#undef TIMESTAMP_REQUEST
