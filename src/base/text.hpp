// Small text rules that several gates share.
#pragma once

#include <string_view>

namespace salus {

// RFC 3629 well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// A name that is safe in topics, paths and keys: 1 to 128 of A-Z a-z 0-9 - . _ : @ = ! $ , * ' ( ) % and never "." or
// "..". The alphabet is Azure IoT Hub's for device ids without its wildcards: '#', '+', '/', '?' and spaces are
// refused.
bool is_device_id(std::string_view id);

// Whether `part` stands somewhere in `text`; the case of ASCII letters does not matter. Nothing stands everywhere.
bool contains_folded(std::string_view text, std::string_view part);

}  // namespace salus
