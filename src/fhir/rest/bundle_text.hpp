// Bundles that the server answers with, written piece by piece from texts that are JSON already.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/document/json.hpp"

namespace salus::fhir {

class BundleText {
 public:
  explicit BundleText(std::string_view type) {
    text_ = R"({"resourceType":"Bundle","type":")";
    text_ += type;
    text_ += '"';
  }
  void total(std::uint64_t count) { text_ += fmt::format(",\"total\":{}", count); }
  // Before the first entry.
  void link(std::string_view relation, std::string_view url) {
    text_ += links_++ == 0 ? R"(,"link":[)" : ",";
    text_ += fmt::format(R"({{"relation":"{}","url":)", relation);
    write_json_string(url, text_);
    text_ += '}';
  }
  // `members` are JSON members of the entry, separated by commas.
  void entry(std::string_view members) {
    close_links();
    text_ += entries_++ == 0 ? R"(,"entry":[{)" : ",{";
    text_ += members;
    text_ += '}';
  }
  std::string finish() {
    close_links();
    text_ += entries_ > 0 ? "]}" : "}";
    return std::move(text_);
  }

 private:
  void close_links() {
    if (links_ > 0 && !links_closed_) text_ += ']';
    links_closed_ = true;
  }
  std::string text_;
  std::size_t links_ = 0, entries_ = 0;
  bool links_closed_ = false;
};

// "name":"value", escaped.
inline std::string member(std::string_view name, std::string_view value) {
  std::string out;
  write_json_string(name, out);
  out += ':';
  write_json_string(value, out);
  return out;
}

}  // namespace salus::fhir
