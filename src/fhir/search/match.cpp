#include "fhir/search/match.hpp"

#include "fhir/search/fold.hpp"
#include "fhir/search/values.hpp"
#include "view/table.hpp"

namespace salus::fhir::search {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == separator) {
      parts.push_back(text.substr(from, i - from));
      from = i + 1;
    }
  }
  parts.push_back(text.substr(from));
  return parts;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() &&
                        (text[i + 1] == ',' || text[i + 1] == '|' || text[i + 1] == '$' || text[i + 1] == '\\');
    out.push_back(text[escape ? ++i : i]);
  }
  return out;
}

Scan exact_scan(ListId list, std::string value) {
  std::string to = view::after_prefix(value);
  return {.list = list, .from = std::move(value), .to = std::move(to), .exact = true};
}

Scan prefix_scan(ListId list, std::string prefix) {
  std::string to = view::after_prefix(prefix);
  return {.list = list, .from = std::move(prefix), .to = std::move(to)};
}

Prefix take_prefix(std::string_view& value) {
  constexpr std::pair<std::string_view, Prefix> known[] = {
      {"eq", Prefix::eq}, {"ne", Prefix::ne}, {"gt", Prefix::gt}, {"lt", Prefix::lt}, {"ge", Prefix::ge},
      {"le", Prefix::le}, {"sa", Prefix::sa}, {"eb", Prefix::eb}, {"ap", Prefix::ap},
  };
  for (const auto& [text, prefix] : known)
    if (value.starts_with(text)) {
      value.remove_prefix(text.size());
      return prefix;
    }
  return Prefix::eq;
}

tl::unexpected<Error> refuse_modifier(const Ask& ask, std::string_view known) {
  return fail(ErrorCode::invalid, "Parameter '{}': there is no modifier ':{}' for it; {}.", ask.name, ask.modifier,
              known);
}

Result<std::vector<Scan>> scans_of(const Ask& ask) {
  if (ask.value.empty()) return fail(ErrorCode::invalid, "Parameter '{}' has no value.", ask.name);
  switch (ask.parameter.type) {
    case SearchType::token:
      return token_scans(ask);
    case SearchType::string:
      return string_scans(ask);
    case SearchType::reference:
      return reference_scans(ask);
    case SearchType::uri:
      return uri_scans(ask);
    case SearchType::date:
      return date_scans(ask);
    case SearchType::number:
      return number_scans(ask);
    case SearchType::quantity:
      return quantity_scans(ask);
    case SearchType::composite:
      return composite_scans(ask);
    case SearchType::special:
      return near_scans(ask);
    default:
      return fail(ErrorCode::invalid, "Parameter '{}' cannot be searched by.", ask.name);
  }
}

namespace {

Result<std::vector<Scan>> coded(const Ask& ask, Facet facet) {
  const auto parts = split(ask.value, '|');
  const ListId list = ask.parameter.list(facet);
  if (parts.size() > 2)
    return fail(ErrorCode::invalid, "Parameter '{}': a token is 'code', 'system|code', '|code' or 'system|'.",
                ask.name);
  const std::string first = unescape(parts[0]);
  if (parts.size() == 1) {
    std::string prefix;
    put_text(prefix, first);
    return std::vector{prefix_scan(list, std::move(prefix))};
  }
  const std::string code = unescape(parts[1]);
  if (!code.empty()) return std::vector{exact_scan(list, token_value(code, first))};
  if (first.empty())
    return fail(ErrorCode::invalid, "Parameter '{}': neither a system nor a code stands there.", ask.name);
  Scan scan{.list = list};
  std::string wanted;
  put_text(wanted, first);
  scan.accept = [wanted](ByteView value) {
    take_text(value);
    return value == wanted;
  };
  return std::vector{std::move(scan)};
}

Result<std::vector<Scan>> beginning(const Ask& ask, Facet facet) {
  std::string folded = fold(unescape(ask.value));
  if (folded.empty()) return fail(ErrorCode::invalid, "Parameter '{}' has no letter to look for.", ask.name);
  if (folded.size() > text_bytes_max) return std::vector{exact_scan(ask.parameter.list(facet), string_value(folded))};
  return std::vector{prefix_scan(ask.parameter.list(facet), std::move(folded))};
}

}  // namespace

Result<std::vector<Scan>> token_scans(const Ask& ask) {
  if (ask.modifier.empty()) return coded(ask, Facet::value);
  if (ask.modifier == "text") return beginning(ask, Facet::text);
  if (ask.modifier == "of-type") {
    const auto parts = split(ask.value, '|');
    if (parts.size() != 3 || parts[1].empty() || parts[2].empty())
      return fail(ErrorCode::invalid, "Parameter '{}': the value is 'system|code|value'.", ask.name);
    std::string value;
    put_text(value, unescape(parts[2]));
    put_text(value, unescape(parts[1]));
    if (parts[0].empty()) return std::vector{prefix_scan(ask.parameter.list(Facet::typed), std::move(value))};
    put_text(value, unescape(parts[0]));
    return std::vector{exact_scan(ask.parameter.list(Facet::typed), std::move(value))};
  }
  return refuse_modifier(ask, "a token has :not, :text, :in, :not-in, :above, :below, :of-type and :missing");
}

Result<std::vector<Scan>> string_scans(const Ask& ask) {
  if (ask.modifier.empty()) return beginning(ask, Facet::value);
  if (ask.modifier == "exact") return std::vector{exact_scan(ask.parameter.list(), string_value(unescape(ask.value)))};
  if (ask.modifier ==
          "\x01"
          "ends" ||
      ask.modifier ==
          "\x01"
          "equals") {  // of _filter
    const bool equals = ask.modifier.ends_with('s') && ask.modifier.size() == 7;
    const std::string folded = fold(unescape(ask.value));
    std::string whole;
    put_text(whole, folded);
    if (equals) return std::vector{prefix_scan(ask.parameter.list(), std::move(whole))};
    Scan scan{.list = ask.parameter.list()};
    scan.accept = [folded](ByteView value) { return take_text(value).ends_with(folded); };
    return std::vector{std::move(scan)};
  }
  if (ask.modifier == "contains") {
    std::string folded = fold(unescape(ask.value));
    if (folded.empty()) return fail(ErrorCode::invalid, "Parameter '{}' has no letter to look for.", ask.name);
    Scan scan{.list = ask.parameter.list()};
    scan.accept = [folded](ByteView value) { return take_text(value).find(folded) != ByteView::npos; };
    return std::vector{std::move(scan)};
  }
  return refuse_modifier(ask, "a string has :exact, :contains and :missing");
}

Result<std::vector<Scan>> uri_scans(const Ask& ask) {
  const std::string text = unescape(ask.value);
  const ListId list = ask.parameter.list();
  const auto versions_of = [&](std::string_view url) {
    std::string prefix;
    put_text(prefix, url);
    return prefix_scan(list, std::move(prefix));
  };
  if (ask.modifier.empty()) {
    if (text.find('|') != std::string::npos) return std::vector{exact_scan(list, uri_value(text))};
    return std::vector{versions_of(text)};
  }
  std::vector<Scan> scans{versions_of(text)};
  if (ask.modifier == "below") {
    scans.push_back(prefix_scan(list, text.ends_with('/') ? text : text + '/'));
    return scans;
  }
  if (ask.modifier == "above") {
    const std::size_t host = text.find("://");
    const std::size_t least = host == std::string::npos ? 0 : text.find('/', host + 3);
    for (std::size_t slash = text.rfind('/'); slash != std::string::npos && slash > 0 && slash >= least;
         slash = text.rfind('/', slash - 1)) {
      scans.push_back(versions_of(std::string_view{text}.substr(0, slash)));
      if (slash + 1 < text.size()) scans.push_back(versions_of(std::string_view{text}.substr(0, slash + 1)));
    }
    return scans;
  }
  return refuse_modifier(ask, "a URI has :above, :below and :missing");
}

Result<std::vector<Scan>> reference_scans(const Ask& ask) {
  const Definitions& d = ask.definitions;
  if (ask.modifier == "identifier") return coded(ask, Facet::typed);
  const std::string text = unescape(ask.value);
  const ListId list = ask.parameter.list();
  if (!ask.modifier.empty()) {
    const TypeId type = d.type(ask.modifier);
    if (type == TypeId::none || !d.is_resource(type))
      return refuse_modifier(ask, "a reference has a type's name, :identifier and :missing");
    const std::string prefix = std::string(ask.modifier) + '/';
    const std::string_view id = text.starts_with(prefix) ? std::string_view{text}.substr(prefix.size()) : text;
    return std::vector{exact_scan(list, token_value(id, ask.modifier))};
  }
  const bool local = text.find('/') == std::string::npos && text.find(':') == std::string::npos;
  if (local) {
    if (ask.parameter.targets.size() - 1 < 4) {  // one to four
      std::vector<Scan> scans;
      for (const TypeId target : ask.parameter.targets)
        scans.push_back(exact_scan(list, token_value(text, d.name(target))));
      return scans;
    }
    std::string prefix;
    put_text(prefix, text);
    return std::vector{prefix_scan(list, std::move(prefix))};
  }
  std::string value = reference_value(d, text);
  ByteView rest = value;
  take_text(rest);
  if (rest.size() > 1) return std::vector{exact_scan(list, std::move(value))};  // Type/id, or a URL with its version
  value.pop_back();                                                             // a URL: any version
  return std::vector{prefix_scan(list, std::move(value))};
}

}  // namespace salus::fhir::search
