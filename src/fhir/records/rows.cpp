#include "fhir/records/rows.hpp"

#include "base/assert.hpp"
#include "fhir/search/block.hpp"
#include "fhir/search/encoding.hpp"

namespace salus::fhir::rows {
namespace {

using search::put_number;

void put_type(std::string& out, TypeId type) {
  search::put_u16(out, static_cast<std::uint16_t>(type));
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
  search::put_chunk(key, search::Block::chunk_of(number));
  return key;
}

std::uint64_t first_of_number_key(ByteView key) {
  std::uint64_t chunk = 0;
  for (const char byte : key.substr(3)) chunk = chunk << 8 | static_cast<unsigned char>(byte);
  return chunk << search::Block::bits;
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

std::string history_key(TypeId type, log::Offset version) {
  std::string key{'t'};
  put_type(key, type);
  put_big_endian(key, log::number(version));
  return key;
}

log::Offset version_of_history_key(ByteView key) {
  return log::Offset{get_big_endian(key.substr(3))};
}

std::string encode_numbers(std::span<const ResourceNumber> numbers) {
  std::string bytes;
  Writer out{bytes};
  std::uint64_t before = 0;
  for (const ResourceNumber number : numbers) {
    out.put_varint(static_cast<std::uint64_t>(number) - before);
    before = static_cast<std::uint64_t>(number);
  }
  return bytes;
}

std::vector<ResourceNumber> decode_numbers(ByteView bytes) {
  std::vector<ResourceNumber> numbers;
  Reader in{bytes};
  for (std::uint64_t number = 0; !in.at_end();) numbers.push_back(ResourceNumber{number += in.get_varint()});
  SALUS_ASSERT(!in.failed());
  return numbers;
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
  out.put_varint(version.body_index);
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
  version.body_index = static_cast<std::uint32_t>(in.get_varint());
  while (!in.at_end()) version.references.emplace_back(in.get_string());
  SALUS_ASSERT(!in.failed());
  return version;
}

}  // namespace salus::fhir::rows
