#include "fhir/graphql/output.hpp"

#include "fhir/document/json.hpp"

namespace salus::fhir::graphql {
namespace {

constexpr std::size_t kManyKeys = 16;  // beyond, keys are looked up by their hash: @slice can make thousands

}  // namespace

Output* Output::find(std::string_view key) {
  if (!places_.empty()) {
    const auto at = places_.find(std::string(key));
    return at == places_.end() ? nullptr : &items_[at->second];
  }
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (keys_[i] == key) return &items_[i];
  return nullptr;
}

Output& Output::add(std::string key, Output value) {
  keys_.push_back(std::move(key));
  if (!places_.empty()) {
    places_.emplace(keys_.back(), keys_.size() - 1);
  } else if (keys_.size() > kManyKeys) {
    for (std::size_t i = 0; i < keys_.size(); ++i) places_.emplace(keys_[i], i);
  }
  return items_.emplace_back(std::move(value));
}

void Output::write(std::string& out) const {
  switch (kind_) {
    case Kind::null:
      out += "null";
      return;
    case Kind::leaf:
      out += json_;
      return;
    case Kind::list:
    case Kind::object: {
      const bool is_list = kind_ == Kind::list;
      out += is_list ? '[' : '{';
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (i > 0) out += ',';
        if (!is_list) {
          write_json_string(keys_[i], out);
          out += ':';
        }
        items_[i].write(out);
      }
      out += is_list ? ']' : '}';
    }
  }
}

}  // namespace salus::fhir::graphql
