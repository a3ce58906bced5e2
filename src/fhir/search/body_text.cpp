#include "fhir/search/body_text.hpp"

#include <algorithm>

#include "fhir/search/fold.hpp"
#include "fhir/search/match.hpp"

namespace salus::fhir::search {
namespace {

using Words = std::vector<std::string>;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Chinese has no spaces: a character beyond ASCII begins a word wherever it stands.
bool begins_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if (at == 0 || !is_word(text[at]) || !is_word(text[at - 1])) return true;
  return false;
}

Words words_of(std::string_view value) {
  Words out;
  std::string plain;
  for (bool quoted = false; !value.empty(); quoted = !quoted) {
    const std::size_t end = std::min(value.find('"'), value.size());
    const std::string folded = fold(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
    if (quoted) {
      if (!folded.empty()) out.push_back(folded);
      continue;
    }
    for (std::size_t at = 0; at < folded.size();) {
      const std::size_t space = std::min(folded.find(' ', at), folded.size());
      if (space > at) out.push_back(folded.substr(at, space - at));
      at = space + 1;
    }
  }
  return out;
}

// XHTML without its tags; entities but for &amp; and the like stay.
std::string without_tags(std::string_view html) {
  std::string out;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      at = std::min(html.find('>', at), html.size() - 1) + 1;
      out.push_back(' ');
    } else if (html[at] == '&') {
      const std::size_t end = std::min(html.find(';', at), html.size() - 1);
      const std::string_view name = html.substr(at + 1, end - at - 1);
      out += name == "amp" ? "&" : name == "lt" ? "<" : name == "gt" ? ">" : name == "quot" ? "\"" : " ";
      at = end + 1;
    } else {
      out.push_back(html[at++]);
    }
  }
  return out;
}

}  // namespace

std::string searched_text(const Document& document, Where where) {
  const Definitions::Known& known = document.definitions().known();
  std::string out;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const Node& node = document.node(static_cast<std::uint32_t>(i));
    if (!node.has_value()) continue;
    const bool is_narrative = node.type == known.xhtml;
    if (where == Where::narrative && !is_narrative) continue;
    out += fold(is_narrative ? without_tags(document.text(node)) : std::string(document.text(node)));
    out += '\n';
  }
  return out;
}

Result<std::function<bool(std::string_view)>> words_test(std::string_view value) {
  Words all = words_of(value);
  if (all.empty()) return fail(ErrorCode::invalid, "There is no word to look for.");
  return [all = std::move(all)](std::string_view text) {
    return std::ranges::all_of(all, [&](const std::string& word) { return begins_word(text, word); });
  };
}

Result<std::function<bool(const Document&)>> words_test(const std::vector<std::string_view>& values, Where where) {
  std::vector<Words> any;
  for (const std::string_view value : values) {
    any.push_back(words_of(unescape(value)));
    if (any.back().empty()) return fail(ErrorCode::invalid, "There is no word to look for.");
  }
  return [any = std::move(any), where](const Document& document) {
    const std::string text = searched_text(document, where);
    return std::ranges::any_of(any, [&](const Words& all) {
      return std::ranges::all_of(all, [&](const std::string& word) { return begins_word(text, word); });
    });
  };
}

}  // namespace salus::fhir::search
