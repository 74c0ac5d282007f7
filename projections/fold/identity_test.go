package fold_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/projections/fold"
)

func TestIdentityKeepsNamesApart(t *testing.T) {
	seen := make(map[string]string)
	for _, name := range []string{
		"राम", "रमा", "रोमी", "रामी", "Room C", "Room C++", "Room C#", "Room", "RoomC", "Room-C", "Room 1", "Room 2", "Room ①",
		"Pêche", "Péché", "Peche", "O'Neil", "ONeil", "O’Neil", "Müller", "Mueller", "Muller", "กา", "กำ", "มา", "ม้า",
		"عَلِي", "علي", "がく", "かく", "İrem", "Irem", "Łucja", "Lucja", "?!", "!?", "x²", "x2", "김민준", "김민",
	} {
		key := fold.Identity(name)
		if other, taken := seen[key]; taken {
			t.Errorf("%q and %q are one name", name, other)
		}
		seen[key] = name
	}
}

func TestIdentityIgnoresSpelling(t *testing.T) {
	for name, same := range map[string]string{
		"ANA  Lima ": "ana lima", "Cafe\u0301": "CAFÉ", "STRASSE": "Straße", "Σίσυφος": "ΣΊΣΥΦΟΣ", "Ana\u00a0Lima": "Ana Lima",
		"각": "\u1100\u1161\u11a8",
	} {
		if a, b := fold.Identity(name), fold.Identity(same); a != b {
			t.Errorf("%q is %q and %q is %q", name, a, same, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		for how, other := range map[string]string{
			"NFD": norm.NFD.String(name), "NFC": norm.NFC.String(name), "spaces": " " + strings.ReplaceAll(name, " ", "\u00a0 "),
			"twice": fold.Identity(name),
		} {
			if a, b := fold.Identity(name), fold.Identity(other); a != b {
				t.Fatalf("%s: %q is %q and %q is %q", how, name, a, other, b)
			}
		}
	})
}

func TestPersonIdentity(t *testing.T) {
	for name, same := range map[string]string{
		"Lima, Ana": "ana LIMA", "DE SOUZA,Ana Maria": "Ana Maria de Souza", "Ana Lima": "ana lima",
	} {
		if a, b := fold.PersonIdentity(name), fold.PersonIdentity(same); a != b {
			t.Errorf("%q is %q and %q is %q", name, a, same, b)
		}
	}
	for name, other := range map[string]string{
		"Ana Lima": "Lima Ana", "Lima, Ana": "Lima, Eva", "King, Martin, Jr.": "Martin, Jr. King", "Lima,": "Lima",
	} {
		if a := fold.PersonIdentity(name); a == fold.PersonIdentity(other) {
			t.Errorf("%q and %q are one name: %q", name, other, a)
		}
	}
}
