#include "fhir/records/rows.hpp"

#include "base/assert.hpp"

namespace salus::fhir::rows {
namespace {

void put_type(std::string& out, TypeId type) {
  out.push_back(static_cast<char>(static_cast<std::uint32_t>(type) >> 8));
  out.push_back(static_cast<char>(type));
}

void put_number(std::string& out, ResourceNumber number) {
  for (int shift = 32; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift));
}

}  // namespace

std::string id_key(TypeId type, std::string_view id) {
  std::string key{'i'};
  put_type(key, type);
  key += id;
  return key;
}

std::string type_prefix(TypeId type) {
  std::string key{'n'};
  put_type(key, type);
  return key;
}

std::string number_key(TypeId type, ResourceNumber number) {
  std::string key = type_prefix(type);
  put_number(key, number);
  return key;
}

std::string version_key(ResourceNumber number, log::Offset version) {
  std::string key{'v'};
  put_number(key, number);
  put_big_endian(key, ~log::number(version));
  return key;
}

std::string versions_end(ResourceNumber number) {
  std::string key{'v'};
  put_number(key, ResourceNumber{static_cast<std::uint64_t>(number) + 1});
  return key;
}

std::string history_key(TypeId type, log::Offset version, ResourceNumber number) {
  std::string key{'t'};
  put_type(key, type);
  put_big_endian(key, log::number(version));
  put_number(key, number);
  return key;
}

std::string time_key(Time time, log::Offset version) {
  std::string key{'a'};
  put_big_endian(key, static_cast<std::uint64_t>(ns_of(time)));  // the log has no time before 1970
  put_big_endian(key, log::number(version));
  return key;
}

log::Offset version_of_time_key(ByteView key) {
  return log::Offset{get_big_endian(key.substr(9))};
}

std::string encode_place(HistoryPlace place) {
  std::string bytes;
  put_big_endian(bytes, log::number(place.version));
  put_number(bytes, place.number);
  return bytes;
}

HistoryPlace decode_place(ByteView bytes) {
  SALUS_ASSERT(bytes.size() >= 8 + search::number_bytes);
  return {log::Offset{get_big_endian(bytes.substr(bytes.size() - 8 - search::number_bytes))}, decode_number(bytes)};
}

ResourceNumber decode_number(ByteView bytes) {
  SALUS_ASSERT(bytes.size() >= search::number_bytes);
  std::uint64_t number = 0;
  for (const char c : bytes.substr(bytes.size() - search::number_bytes))
    number = number << 8 | static_cast<std::uint8_t>(c);
  return ResourceNumber{number};
}

std::string encode(const Version& version) {
  std::string bytes;
  Writer out{bytes};
  out.put(version.operation);
  out.put_varint(static_cast<std::uint32_t>(version.type));
  out.put_string(version.id);
  out.put(ns_of(version.updated));
  out.put_varint(version.body_at);
  out.put_varint(version.body_bytes);
  for (const std::string& reference : version.references) out.put_string(reference);
  return bytes;
}

Version decode(ByteView key, ByteView value) {
  Version version;
  version.number = decode_number(key.substr(1, search::number_bytes));
  version.version = log::Offset{~get_big_endian(key.substr(1 + search::number_bytes))};
  Reader in{value};
  version.operation = in.get<Operation>();
  version.type = TypeId{static_cast<std::uint32_t>(in.get_varint())};
  version.id = in.get_string();
  version.updated = time_from_ns(in.get<std::int64_t>());
  version.body_at = in.get_varint();
  version.body_bytes = in.get_varint();
  while (!in.at_end()) version.references.emplace_back(in.get_string());
  SALUS_ASSERT(!in.failed());
  return version;
}

}  // namespace salus::fhir::rows
