#include "TruncationNotes.h"

namespace octagent::ingest {

void TruncationNotes::add(const JsonPath& path, std::size_t bytesBefore) {
    _text += '"';
    path.appendTo(_text);
    _text += "\":";
    _text += std::to_string(bytesBefore);
    _text += ',';
}

} // namespace octagent::ingest
