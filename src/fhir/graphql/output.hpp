// An answer's data while it is made: objects keep the order of their keys, and can be added to (@flatten).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir/definitions/definitions.hpp"

namespace salus::fhir::graphql {

class Output {
 public:
  enum class Kind : std::uint8_t { null, leaf, object, list };

  static Output null() { return Output{Kind::null}; }
  static Output object() { return Output{Kind::object}; }
  static Output list() { return Output{Kind::list}; }
  // `json` is a scalar as JSON.
  static Output leaf(std::string json) {
    Output out{Kind::leaf};
    out.json_ = std::move(json);
    return out;
  }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  TypeId type = TypeId::none;  // of what a key collates

  // Of an object. Null when it has no such key.
  Output* find(std::string_view key);
  Output& add(std::string key, Output value);
  // Of a list.
  void push(Output value) { items_.push_back(std::move(value)); }

  void write(std::string& out) const;

 private:
  explicit Output(Kind kind) : kind_(kind) {}
  Kind kind_;
  std::string json_;
  std::deque<Output> items_;                             // of a list, or an object's values
  std::vector<std::string> keys_;                        // of an object, as its values
  std::unordered_map<std::string, std::size_t> places_;  // once there are many keys
};

}  // namespace salus::fhir::graphql
