// A recursive descent over the text. Strings without escapes are copied once; nothing is looked at twice but names,
// which are hashed. `_name` siblings are joined with their primitives as soon as both are known.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "fhir/document/builder.hpp"
#include "fhir/document/json.hpp"

namespace salus::fhir {
namespace {

class JsonReader {
 public:
  JsonReader(std::string_view text, const Definitions& definitions, DocumentLimits limits)
      : text_(text), build_(definitions, limits) {}

  Reading<Document> read() {
    const DocumentLimits& limits = build_.limits();
    if (text_.size() > limits.bytes_max || text_.size() > 0x7FFFFFFF) {
      refuse(ErrorCode::too_large, "The document has more bytes than are taken");
      return tl::make_unexpected(issue_);
    }
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    if (!is_utf8(text_)) {
      refuse(ErrorCode::invalid, "The document is not UTF-8");
      return tl::make_unexpected(issue_);
    }
    build_.text().reserve(text_.size());
    skip_space();
    Node root;
    if (peek() != '{') {
      refuse(ErrorCode::invalid, "A resource is a JSON object");
    } else if (object(root)) {
      skip_space();
      if (at_ != text_.size()) refuse(ErrorCode::invalid, "Nothing may follow the resource");
    }
    if (failed_) return tl::make_unexpected(issue_);
    build_.pending.push_back(root);
    return build_.finish();
  }

 private:
  // A member name of an object that is open, and where its nodes lie in `pending`.
  struct Open {
    NameId name;
    std::uint32_t first, count;
    bool value, sibling, array;
  };

  bool refuse(ErrorCode code, std::string message) {
    if (failed_) return false;
    failed_ = true;
    issue_ = {.code = code, .message = std::move(message)};
    for (const auto& [name, number] : path_) {
      issue_.location += '/';
      issue_.location += build_.name(name);
      if (number != no_index) issue_.location += fmt::format("/{}", number);
    }
    place(issue_, text_, at_);
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  bool object(Node& node) {
    if (++depth_ > build_.limits().depth_max) return refuse(ErrorCode::too_large, "The document is nested too deeply");
    ++at_;  // '{'
    const std::size_t from = build_.pending.size();
    const std::size_t open_from = open_.size();
    skip_space();
    if (peek() == '}') return refuse(ErrorCode::invalid, "An object has at least one member");
    do {
      skip_space();
      if (!member(open_from)) return false;
      skip_space();
    } while (take(','));
    if (!take('}')) return refuse(ErrorCode::invalid, "',' or '}' is missing");
    for (std::size_t i = from; i < build_.pending.size(); ++i)
      if (build_.pending[i].shape == Shape::absent && build_.pending[i].count == 0)
        return refuse(ErrorCode::invalid, fmt::format("null stands only beside an id or extension, not in '{}'",
                                                      build_.name(build_.pending[i].name)));
    open_.resize(open_from);
    build_.close(node, from);
    --depth_;
    return true;
  }

  bool member(std::size_t open_from) {
    if (open_.size() - open_from >= build_.limits().members_max)
      return refuse(ErrorCode::too_large, "The object has too many members");
    const std::size_t start = at_;
    std::string_view key;
    if (!string(key)) return false;
    const bool sibling = key.starts_with('_');
    if (sibling) key.remove_prefix(1);
    if (key.empty()) return refuse(ErrorCode::invalid, "A member's name is empty");
    const NameId name = build_.intern(key);
    const auto same = std::find_if(open_.begin() + static_cast<std::ptrdiff_t>(open_from), open_.end(),
                                   [&](const Open& o) { return o.name == name; });
    const auto known = static_cast<std::size_t>(same - open_.begin());
    const bool joined = known < open_.size();
    if (joined && (sibling ? open_[known].sibling : open_[known].value)) {
      at_ = start;
      return refuse(ErrorCode::invalid,
                    fmt::format("The member '{}{}' stands twice", sibling ? "_" : "", build_.name(name)));
    }
    skip_space();
    if (!take(':')) return refuse(ErrorCode::invalid, "':' is missing");
    skip_space();
    Open made{.name = name,
              .first = static_cast<std::uint32_t>(build_.pending.size()),
              .count = 0,
              .value = !sibling,
              .sibling = sibling,
              .array = peek() == '['};
    path_.emplace_back(name, no_index);
    if (!(made.array ? array(name, sibling) : one(name, sibling, false))) return false;
    made.count = static_cast<std::uint32_t>(build_.pending.size()) - made.first;
    if (joined ? !join(known, made) : (open_.push_back(made), false)) return false;
    path_.pop_back();
    return true;
  }

  // The values of an array become nodes of one name.
  bool array(NameId name, bool sibling) {
    ++at_;  // '['
    skip_space();
    if (peek() == ']') return refuse(ErrorCode::invalid, "An array has at least one value");
    std::uint32_t number = 0;
    do {
      path_.back().second = number++;
      skip_space();
      if (!one(name, sibling, true)) return false;
      skip_space();
    } while (take(','));
    path_.back().second = no_index;
    return take(']') || refuse(ErrorCode::invalid, "',' or ']' is missing");
  }

  // One value; a sibling's object becomes an absent primitive with children.
  bool one(NameId name, bool sibling, bool in_array) {
    if (build_.node_count() >= build_.limits().nodes_max)
      return refuse(ErrorCode::too_large, "The document has too many elements");
    Node node;
    node.name = name;
    node.in_array = in_array;
    if (!value(node, in_array)) return false;
    if (sibling) {
      if (node.shape != Shape::object && node.shape != Shape::absent)
        return refuse(ErrorCode::invalid, "Beside a primitive stands an object with id or extension");
      node.shape = Shape::absent;
    }
    build_.pending.push_back(node);
    return true;
  }

  bool value(Node& node, bool in_array) {
    switch (peek()) {
      case '{':
        return object(node);
      case '"': {
        std::string_view text;
        if (!string(text)) return false;
        build_.set_text(node, Shape::string, text);
        return true;
      }
      case 't':
        return word("true") && (build_.set_text(node, Shape::boolean, "true"), true);
      case 'f':
        return word("false") && (build_.set_text(node, Shape::boolean, "false"), true);
      case 'n':
        if (!in_array) return refuse(ErrorCode::invalid, "null stands only in arrays; leave the member out");
        node.shape = Shape::absent;
        return word("null");
      case '[':
        return refuse(ErrorCode::invalid, "FHIR has no arrays within arrays");
      default:
        return number(node);
    }
  }

  bool word(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return refuse(ErrorCode::invalid, "This is no JSON value");
    at_ += wanted.size();
    return true;
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  bool number(Node& node) {
    const std::size_t start = at_;
    const auto digits = [&] {
      const std::size_t from = at_;
      while (is_digit(peek())) ++at_;
      return at_ > from;
    };
    take('-');
    const bool whole = take('0') || digits();
    const bool fraction = !take('.') || digits();
    bool exponent = true;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      const std::size_t from = at_;
      exponent = digits();
      if (exponent && at_ - from > 3) return refuse(ErrorCode::too_large, "The number's exponent is out of all bounds");
    }
    if (!whole || !fraction || !exponent || is_digit(peek()))
      return refuse(ErrorCode::invalid, "This is no JSON value");
    if (at_ - start > build_.limits().digits_max) return refuse(ErrorCode::too_large, "The number has too many digits");
    build_.set_text(node, Shape::number, text_.substr(start, at_ - start));
    return true;
  }

  // Leaves in `out` a view of the text, or of `decoded_` where something was escaped.
  bool string(std::string_view& out) {
    if (!take('"')) return refuse(ErrorCode::invalid, "A name in quotes is missing");
    const std::size_t start = at_;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        out = text_.substr(start, at_++ - start);
        return true;
      }
      if (c == '\\') return escaped(start, out);
      if (c < 0x20) return refuse(ErrorCode::invalid, "A control character stands in a string");
      ++at_;
    }
    return refuse(ErrorCode::invalid, "A string has no end");
  }

  bool escaped(std::size_t start, std::string_view& out) {
    decoded_.assign(text_.substr(start, at_ - start));
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        out = decoded_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return refuse(ErrorCode::invalid, "A control character stands in a string");
      ++at_;
      if (c != '\\') {
        decoded_ += c;
      } else if (!escape()) {
        return false;
      }
    }
    return refuse(ErrorCode::invalid, "A string has no end");
  }

  bool escape() {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        decoded_ += c;
        return true;
      case 'n':
        decoded_ += '\n';
        return true;
      case 'r':
        decoded_ += '\r';
        return true;
      case 't':
        decoded_ += '\t';
        return true;
      case 'u':
        return code_point();
      case 'b':
      case 'f':
        return refuse(ErrorCode::invalid, "FHIR strings have no control characters but tab, CR and LF");
      default:
        return refuse(ErrorCode::invalid, "JSON has no such escape");
    }
  }

  bool hex4(std::uint32_t& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const int digit = is_digit(c)            ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return refuse(ErrorCode::invalid, "\\u needs four hexadecimal digits");
      out = out << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  bool code_point() {
    std::uint32_t point = 0;
    if (!hex4(point)) return false;
    if (point >= 0xD800 && point < 0xDC00) {
      std::uint32_t low = 0;
      if (!text_.substr(std::min(at_, text_.size())).starts_with("\\u"))
        return refuse(ErrorCode::invalid, "Half a surrogate pair");
      at_ += 2;
      if (!hex4(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return refuse(ErrorCode::invalid, "Half a surrogate pair");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    } else if (point >= 0xDC00 && point <= 0xDFFF) {
      return refuse(ErrorCode::invalid, "Half a surrogate pair");
    }
    if (point < 0x20 && point != '\t' && point != '\n' && point != '\r')
      return refuse(ErrorCode::invalid, "FHIR strings have no control characters but tab, CR and LF");
    append_utf8(point);
    return true;
  }

  void append_utf8(std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) { decoded_ += static_cast<char>(byte); };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xC0 | point >> 6);
      put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      put(0xE0 | point >> 12);
      put(0x80 | (point >> 6 & 0x3F));
      put(0x80 | (point & 0x3F));
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
      put(0x80 | (point >> 6 & 0x3F));
      put(0x80 | (point & 0x3F));
    }
  }

  // The values of `name` and of `_name`, of which `later` came second, become one row of nodes where the first stood.
  bool join(std::size_t known, const Open& later) {
    auto& pending = build_.pending;
    Open& first = open_[known];
    if (first.array != later.array)
      return refuse(ErrorCode::invalid, "A primitive and what stands beside it are both arrays or neither");
    const std::uint32_t both = std::min(first.count, later.count);
    for (std::uint32_t i = 0; i < both; ++i) {
      Node& kept = pending[first.first + i];
      Node& added = pending[later.first + i];
      Node& value = later.sibling ? kept : added;
      const Node& sibling = later.sibling ? added : kept;
      if (value.shape == Shape::object)
        return refuse(ErrorCode::invalid, "Only a primitive has an object with '_' beside it");
      const Node beside = sibling;
      Node merged = value;
      merged.first = beside.first;
      merged.count = beside.count;
      kept = merged;
    }
    // What the second has more of belongs behind the first's, before the members that came between.
    const std::uint32_t more = later.count - both;
    const auto begin = pending.begin();
    pending.erase(begin + later.first, begin + later.first + both);
    std::rotate(pending.begin() + first.first + first.count, pending.begin() + later.first, pending.end());
    for (std::size_t i = known + 1; i < open_.size(); ++i)
      if (open_[i].first >= first.first + first.count) open_[i].first += more;
    first.count += more;
    first.value = first.sibling = true;
    return true;
  }

  static constexpr std::uint32_t no_index = 0xFFFFFFFF;

  std::string_view text_;
  std::size_t at_ = 0;
  DocumentBuilder build_;
  std::string decoded_;
  std::vector<Open> open_;
  std::vector<std::pair<NameId, std::uint32_t>> path_;
  std::uint32_t depth_ = 0;
  bool failed_ = false;
  Issue issue_;
};

}  // namespace

Reading<Document> read_json(std::string_view text, const Definitions& definitions, DocumentLimits limits) {
  return JsonReader{text, definitions, limits}.read();
}

}  // namespace salus::fhir
