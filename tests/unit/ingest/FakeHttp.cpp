#include "FakeHttp.h"

FakeRequest::FakeRequest(std::string_view body, Poco::Net::HTTPServerResponse& response)
    : _body(body.begin(), body.end()), _size(body.size()), _stream(std::string(body)),
      _parameters(new Poco::Net::HTTPServerParams), _response(response) {
    // What stands behind a body is left over from others: the worst is what would go on with it.
    constexpr std::string_view rest = R"(}]"},"a":1}]}]}]"1234567890}]},"b":[{"c":"}]}"}]}]"}]}]}]}]}]}]}]}]}})";
    static_assert(rest.size() >= bodyPadding);
    _body.insert(_body.end(), rest.begin(), rest.begin() + bodyPadding);
    _body.shrink_to_fit();
}
