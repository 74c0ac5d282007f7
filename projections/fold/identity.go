package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Identity returns what makes two spellings one name: Unicode's canonical caseless form, with one space between words.
// Nothing else is left out, so accents, vowel signs, digits and punctuation keep names apart: "Room C" is not
// "Room C++", and "Pêche" is not "Péché". Ids that an import derives from names depend on it; it must not change.
func Identity(name string) string {
	words := strings.Join(strings.Fields(name), " ")
	return strings.Map(upperCherokee, norm.NFC.String(cases.Fold().String(norm.NFD.String(words))))
}

// upperCherokee returns a Cherokee letter in upper case, to which Unicode folds that script (CaseFolding.txt). Package
// cases folds each case to the other one.
func upperCherokee(letter rune) rune {
	if unicode.Is(unicode.Cherokee, letter) {
		return unicode.ToUpper(letter)
	}
	return letter
}

// PersonIdentity is Identity for the name of a person who is known by something else too. It takes "Last, First" for
// "First Last".
func PersonIdentity(name string) string {
	last, first, ok := strings.Cut(name, ",")
	last, first = strings.TrimSpace(last), strings.TrimSpace(first)
	if !ok || last == "" || first == "" || strings.Contains(first, ",") {
		return Identity(name)
	}
	return Identity(first + " " + last)
}
