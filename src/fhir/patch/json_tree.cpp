#include "fhir/patch/json_tree.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <numeric>
#include <unordered_set>

#include "fhir/document/json.hpp"

namespace salus::fhir::patch {
namespace {

namespace json = boost::json;

class TreeHandler {
 public:
  static constexpr std::size_t max_array_size = std::size_t{1} << 30;
  static constexpr std::size_t max_object_size = std::size_t{1} << 20;
  static constexpr std::size_t max_string_size = std::size_t{1} << 30;
  static constexpr std::size_t max_key_size = std::size_t{1} << 20;

  Json root;
  bool duplicate = false, too_many = false;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return open(Json::Kind::object); }
  bool on_array_begin(json::error_code&) { return open(Json::Kind::array); }
  bool on_array_end(std::size_t, json::error_code&) { return close(); }
  bool on_object_end(std::size_t, json::error_code& ec) {
    const std::vector<std::string>& keys = open_.back().keys;
    std::vector<std::string_view> sorted{keys.begin(), keys.end()};
    std::ranges::sort(sorted);
    duplicate = std::ranges::adjacent_find(sorted) != sorted.end();
    if (duplicate) ec = json::error::syntax;
    return !duplicate && close();
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return text_.append(part), true; }
  bool on_key(json::string_view part, std::size_t, json::error_code& ec) {
    text_.append(part);
    open_.back().keys.push_back(std::exchange(text_, {}));
    too_many = open_.back().keys.size() > members_max;
    if (too_many) ec = json::error::syntax;
    return !too_many;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return text_.append(part), true; }
  bool on_string(json::string_view part, std::size_t, json::error_code&) { return scalar(Json::Kind::string, part); }
  bool on_number_part(json::string_view part, json::error_code&) { return text_.append(part), true; }
  bool on_int64(std::int64_t, json::string_view part, json::error_code&) { return scalar(Json::Kind::number, part); }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code&) { return scalar(Json::Kind::number, part); }
  bool on_double(double, json::string_view part, json::error_code&) { return scalar(Json::Kind::number, part); }
  bool on_bool(bool value, json::error_code&) { return scalar(Json::Kind::boolean, value ? "true" : "false"); }
  bool on_null(json::error_code&) { return scalar(Json::Kind::null, {}); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool open(Json::Kind kind) {
    open_.emplace_back().kind = kind;
    return true;
  }
  bool close() {
    Json done = std::move(open_.back());
    open_.pop_back();
    return put(std::move(done));
  }
  bool scalar(Json::Kind kind, json::string_view part) {
    text_.append(part);
    Json made;
    made.kind = kind;
    made.text = std::exchange(text_, {});
    return put(std::move(made));
  }
  bool put(Json value) {
    if (open_.empty()) {
      root = std::move(value);
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }

  std::vector<Json> open_;
  std::string text_;
};

void write(const Json& tree, std::string& out) {
  switch (tree.kind) {
    case Json::Kind::null:
      out += "null";
      return;
    case Json::Kind::boolean:
    case Json::Kind::number:
      out += tree.text;
      return;
    case Json::Kind::string:
      write_json_string(tree.text, out);
      return;
    case Json::Kind::array:
    case Json::Kind::object:
      break;
  }
  const bool object = tree.kind == Json::Kind::object;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      write_json_string(tree.keys[i], out);
      out += ':';
    }
    write(tree.items[i], out);
  }
  out += object ? '}' : ']';
}

// A number as sign, digits without zeros at either end, and the power of ten of the last digit.
struct Number {
  bool minus = false;
  std::string digits;
  std::int64_t power = 0;
  bool operator==(const Number&) const = default;
};

Number number_of(std::string_view text) {
  Number number;
  number.minus = text.starts_with('-');
  std::size_t at = number.minus ? 1 : 0;
  bool fraction = false;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.') {
      fraction = true;
      continue;
    }
    number.digits += text[at];
    number.power -= fraction ? 1 : 0;
  }
  if (at < text.size()) {
    const bool less = text[++at] == '-';
    at += less || text[at] == '+' ? 1 : 0;
    std::int64_t exponent = 0;
    for (; at < text.size() && exponent < 1'000'000'000; ++at) exponent = 10 * exponent + (text[at] - '0');
    number.power += less ? -exponent : exponent;
  }
  while (number.digits.ends_with('0')) number.digits.pop_back(), ++number.power;
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
  return number.digits.empty() ? Number{} : number;
}

}  // namespace

Json* Json::find(std::string_view key) {
  const auto at = std::ranges::find(keys, key);
  return at == keys.end() ? nullptr : &items[static_cast<std::size_t>(at - keys.begin())];
}

void Json::set(std::string_view key, Json value) {
  if (Json* held = find(key)) {
    *held = std::move(value);
    return;
  }
  keys.emplace_back(key);
  items.push_back(std::move(value));
}

bool Json::erase(std::string_view key) {
  const auto at = std::ranges::find(keys, key);
  if (at == keys.end()) return false;
  items.erase(items.begin() + (at - keys.begin()));
  keys.erase(at);
  return true;
}

Reading<Json> parse_tree(std::string_view text, std::size_t bytes_max, std::uint32_t depth_max) {
  if (text.size() > bytes_max)
    return tl::make_unexpected(Issue{ErrorCode::too_large, "The JSON has more bytes than are taken"});
  json::parse_options options;
  options.max_depth = depth_max;
  json::basic_parser<TreeHandler> parser{options};
  json::error_code ec;
  std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size()) {
    const std::size_t more = text.find_first_not_of(" \t\r\n", read);
    if (more != std::string_view::npos) ec = json::error::extra_data, read = more;
  }
  if (!ec) return std::move(parser.handler().root);
  Issue issue{.code = ErrorCode::invalid, .message = "This is no JSON"};
  if (parser.handler().duplicate) issue.message = "A member of the JSON stands twice";
  if (ec == json::error::too_deep) issue = {.code = ErrorCode::too_large, .message = "The JSON is nested too deeply"};
  if (parser.handler().too_many) issue = {.code = ErrorCode::too_large, .message = "An object has too many members"};
  place(issue, text, read);
  return tl::make_unexpected(std::move(issue));
}

std::string write_tree(const Json& tree) {
  std::string out;
  write(tree, out);
  return out;
}

bool equal(const Json& a, const Json& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  if (a.kind == Json::Kind::number) return number_of(a.text) == number_of(b.text);
  if (a.kind != Json::Kind::object) return a.text == b.text && std::ranges::equal(a.items, b.items, equal);
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    const Json* other = b.find(a.keys[i]);
    if (other == nullptr || !equal(a.items[i], *other)) return false;
  }
  return true;
}

Weight weigh(const Json& tree) {
  Weight weight{.units = 1 + tree.text.size(), .depth = 0};
  for (const std::string& key : tree.keys) weight.units += key.size();
  for (const Json& item : tree.items) {
    const Weight inner = weigh(item);
    weight.units += inner.units;
    weight.depth = std::max(weight.depth, inner.depth);
  }
  ++weight.depth;
  return weight;
}

void prune(Json& tree) {
  for (Json& item : tree.items) prune(item);
  const auto empty = [](const Json& item) {
    return (item.kind == Json::Kind::array || item.kind == Json::Kind::object) && item.items.empty();
  };
  if (std::ranges::none_of(tree.items, empty)) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    if (empty(tree.items[i])) continue;
    if (kept != i) {
      tree.items[kept] = std::move(tree.items[i]);
      if (tree.kind == Json::Kind::object) tree.keys[kept] = std::move(tree.keys[i]);
    }
    ++kept;
  }
  tree.items.resize(kept);
  if (tree.kind == Json::Kind::object) tree.keys.resize(kept);
}

void order_like(const Json& like, Json& tree) {
  if (like.kind != tree.kind) return;
  if (tree.kind == Json::Kind::array) {
    for (std::size_t i = 0; i < std::min(like.items.size(), tree.items.size()); ++i)
      order_like(like.items[i], tree.items[i]);
    return;
  }
  if (tree.kind != Json::Kind::object) return;
  const auto rank = [&](std::size_t i) { return std::ranges::find(like.keys, tree.keys[i]) - like.keys.begin(); };
  std::vector<std::pair<std::ptrdiff_t, std::size_t>> order;
  for (std::size_t i = 0; i < tree.keys.size(); ++i) order.emplace_back(rank(i), i);
  std::ranges::sort(order);
  Json sorted;
  sorted.kind = Json::Kind::object;
  for (const auto& [known, from] : order) {
    sorted.keys.push_back(std::move(tree.keys[from]));
    sorted.items.push_back(std::move(tree.items[from]));
    if (static_cast<std::size_t>(known) < like.items.size())
      order_like(like.items[static_cast<std::size_t>(known)], sorted.items.back());
  }
  tree = std::move(sorted);
}

}  // namespace salus::fhir::patch
