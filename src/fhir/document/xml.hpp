// FHIR's XML. Elements, arrays and the types of primitives come from the definitions, so a document read from XML is
// the one that its JSON gives. A document type, entities beyond XML's five, and elements that no definition knows are
// refused before anything is resolved: nothing here ever opens a file or a socket.
#pragma once

#include <string>
#include <string_view>

#include "fhir/document/document.hpp"

namespace salus::fhir {

// UTF-8 only. Errors: invalid (with location, line and column), too_large.
Reading<Document> read_xml(std::string_view text, const Definitions& definitions = Definitions::r4(),
                           DocumentLimits limits = {});

// Elements in the order of the definitions, as FHIR's schemas ask.
// Errors: invalid, with the location, where the document holds what XML cannot say: a member that no definition knows,
// a narrative that is no XHTML, a character that XML forbids.
Reading<std::string> write_xml(const Document& document);

// JSON or XML, told apart by the first character that is no space.
Reading<Document> read_document(std::string_view text, const Definitions& definitions = Definitions::r4(),
                                DocumentLimits limits = {});

// What a narrative's text must be: one <div> of XHTML in its namespace, without document type or foreign elements.
// Errors: invalid.
Reading<void> check_narrative(std::string_view div);

}  // namespace salus::fhir
