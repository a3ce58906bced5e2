#include "fhir/patch/xpath.hpp"

#include <algorithm>

namespace salus::fhir::patch {
namespace {

constexpr std::size_t path_bytes_max = 4096;
constexpr int nesting_max = 4;  // predicates within predicates

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

class Parser {
 public:
  Parser(std::string_view text, const Prefixes& prefixes) : text_(text), prefixes_(prefixes) {}

  Reading<XPath> parse() {
    XPath path;
    skip();
    take("/");
    if (text_.size() > path_bytes_max)
      refuse("The path is too long");
    else if (steps(path.steps, false) && (skip(), at_ != text_.size()))
      refuse("Nothing may follow the path");
    if (!why_.empty()) return fhir::patch::refuse(ErrorCode::invalid, "", "{} (character {})", why_, at_ + 1);
    return path;
  }

 private:
  bool refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return false;
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  std::string name() {
    const std::size_t from = at_;
    if (at_ < text_.size() && is_name_start(text_[at_]))
      while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return std::string{text_.substr(from, at_ - from)};
  }

  bool steps(std::vector<XPathStep>& out, bool within) {
    do {
      skip();
      XPathStep made;
      if (!step(made, within)) return false;
      out.push_back(std::move(made));
      skip();
      const bool leaf = out.back().kind != XPathStep::Kind::element && out.back().kind != XPathStep::Kind::self;
      if (text_.substr(at_).starts_with("//")) return refuse("A path has single steps, no '//'");
      if (leaf) return true;
    } while (take("/"));
    return true;
  }

  bool step(XPathStep& out, bool within) {
    using Kind = XPathStep::Kind;
    if (take("@")) {
      out.kind = Kind::attribute;
      return qualified(out, false);
    }
    if (take("namespace::")) {
      out.kind = Kind::declaration;
      out.name = name();
      return !out.name.empty() || refuse("A prefix is missing");
    }
    if (take("text()")) return out.kind = Kind::text, predicates(out);
    if (take("comment()")) return out.kind = Kind::comment, predicates(out);
    if (take("processing-instruction(")) {
      out.kind = Kind::instruction;
      skip();
      if (!text_.substr(at_).starts_with(')') && !literal(out.name)) return false;
      skip();
      return (take(")") || refuse("')' is missing")) && predicates(out);
    }
    if (within && take(".")) return out.kind = Kind::self, true;
    take("child::");
    if (take("*")) return predicates(out);
    return qualified(out, true) && predicates(out);
  }

  bool qualified(XPathStep& out, bool element) {
    std::string first = name();
    if (first.empty()) return refuse("A name is missing");
    std::string prefix;
    if (!text_.substr(at_).starts_with("::") && take(":")) {
      prefix = std::exchange(first, name());
      if (first.empty()) return refuse("A name is missing after the prefix");
    } else if (text_.substr(at_).starts_with("::") || text_.substr(at_).starts_with("(")) {
      return refuse("RFC 5261 has no such step");
    }
    out.name = std::move(first);
    if (prefix == "xml") out.space = "http://www.w3.org/XML/1998/namespace";
    if (prefix == "xml" || (prefix.empty() && !element)) return true;
    const auto known = std::ranges::find(prefixes_, prefix, &std::pair<std::string, std::string>::first);
    if (known != prefixes_.end()) out.space = known->second;
    return known != prefixes_.end() || prefix.empty() || refuse("A prefix is not declared");
  }

  bool predicates(XPathStep& out) {
    for (skip(); take("["); skip()) {
      XPathPredicate made;
      if (++depth_ > nesting_max) return refuse("Predicates are nested too deeply");
      if (!predicate(made)) return false;
      --depth_;
      out.predicates.push_back(std::move(made));
    }
    return true;
  }

  bool predicate(XPathPredicate& out) {
    skip();
    if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
        out.position =
            std::min<std::uint32_t>(100'000'000, 10 * out.position + static_cast<std::uint32_t>(text_[at_] - '0'));
      if (out.position == 0) return refuse("Positions count from 1");
    } else if (take("last()")) {
      out.last = true;
    } else {
      do {
        skip();
        XPathPredicate::Test test;
        if (!steps(test.path, true)) return false;
        skip();
        if (take("=") && (skip(), !literal(test.literal.emplace()))) return false;
        out.tests.push_back(std::move(test));
        skip();
      } while (take("and "));
    }
    skip();
    return take("]") || refuse("']' is missing");
  }

  bool literal(std::string& out) {
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    const std::size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos) return refuse("A literal in quotes is missing");
    out = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return true;
  }

  std::string_view text_;
  const Prefixes& prefixes_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string why_;
};

class Selector {
 public:
  Selector(std::size_t most, Work& work) : most_(most), work_(work) {}

  bool walk(const XmlNode& from, const std::vector<XPathStep>& steps, std::size_t number, XmlPlace& place,
            std::vector<XmlPlace>& out) {
    if (number == steps.size()) return out.push_back(place), true;
    const XPathStep& step = steps[number];
    if (!work_.spend(1 + from.children.size() + from.attributes.size())) return false;
    switch (step.kind) {
      case XPathStep::Kind::self:
        return walk(from, steps, number + 1, place, out);
      case XPathStep::Kind::attribute:
        for (std::size_t i = 0; i < from.attributes.size(); ++i)
          if (from.attributes[i].name == step.name && from.attributes[i].space == step.space)
            out.push_back({place.path, XmlPlace::Part::attribute, i});
        return true;
      case XPathStep::Kind::declaration:
        for (std::size_t i = 0; i < from.prefixes.size(); ++i)
          if (from.prefixes[i].first == step.name) out.push_back({place.path, XmlPlace::Part::declaration, i});
        return true;
      default:
        break;
    }
    std::vector<std::uint32_t> matches;
    for (std::uint32_t i = 0; i < from.children.size(); ++i)
      if (fits(step, from.children[i])) matches.push_back(i);
    for (const XPathPredicate& predicate : step.predicates)
      if (!filter(from, predicate, matches)) return false;
    for (const std::uint32_t match : matches) {
      if (out.size() >= most_) return true;
      place.path.push_back(match);
      if (!walk(from.children[match], steps, number + 1, place, out)) return false;
      place.path.pop_back();
    }
    return true;
  }

  // The text that a place stands for.
  static std::string value(const XmlNode& from, const XmlPlace& place) {
    const XmlNode* at = &from;
    for (const std::uint32_t child : place.path) at = &at->children[child];
    if (place.part == XmlPlace::Part::attribute) return at->attributes[place.number].value;
    if (place.part == XmlPlace::Part::declaration) return at->prefixes[place.number].second;
    return at->content();
  }

 private:
  static bool fits(const XPathStep& step, const XmlNode& node) {
    switch (step.kind) {
      case XPathStep::Kind::element:
        return node.kind == XmlNode::Kind::element &&
               (step.name.empty() || (node.name == step.name && node.space == step.space));
      case XPathStep::Kind::text:
        return node.kind == XmlNode::Kind::text;
      case XPathStep::Kind::comment:
        return node.kind == XmlNode::Kind::comment;
      case XPathStep::Kind::instruction:
        return node.kind == XmlNode::Kind::instruction && (step.name.empty() || node.name == step.name);
      default:
        return false;
    }
  }

  bool filter(const XmlNode& from, const XPathPredicate& predicate, std::vector<std::uint32_t>& matches) {
    if (predicate.position > 0 || predicate.last) {
      const std::size_t wanted = predicate.last ? matches.size() : predicate.position;
      matches = wanted == 0 || wanted > matches.size() ? std::vector<std::uint32_t>{}
                                                       : std::vector<std::uint32_t>{matches[wanted - 1]};
      return true;
    }
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t match : matches) {
      bool all = true;
      for (const XPathPredicate::Test& test : predicate.tests)
        if (all && !holds(from.children[match], test, all)) return false;
      if (all) kept.push_back(match);
    }
    matches = std::move(kept);
    return true;
  }

  bool holds(const XmlNode& node, const XPathPredicate::Test& test, bool& out) {
    XmlPlace place;
    std::vector<XmlPlace> found;
    Selector all{100'000, work_};
    if (!all.walk(node, test.path, 0, place, found)) return false;
    out = !test.literal && !found.empty();
    for (const XmlPlace& at : found) {
      if (out || !test.literal) break;
      const std::string text = value(node, at);
      if (!work_.spend(1 + text.size())) return false;
      out = text == *test.literal;
    }
    return true;
  }

  std::size_t most_;
  Work& work_;
};

}  // namespace

Reading<XPath> parse_xpath(std::string_view text, const Prefixes& prefixes) {
  return Parser{text, prefixes}.parse();
}

std::optional<std::vector<XmlPlace>> select(const XmlNode& document, const XPath& path, std::size_t most, Work& work) {
  XmlPlace place;
  std::vector<XmlPlace> found;
  if (!Selector{most, work}.walk(document, path.steps, 0, place, found)) return std::nullopt;
  return found;
}

}  // namespace salus::fhir::patch
