package account

import (
	"strings"
	"unicode"

	"secretome/internal/fault"
)

// scripts are the writing systems whose letters look like those of others, so that
// a name may have letters of one of them only. Han, kana and the like are written
// together, and mixed with Latin letters nobody takes them for these.
func scripts() map[string]*unicode.RangeTable {
	return map[string]*unicode.RangeTable{
		"Latin": unicode.Latin, "Greek": unicode.Greek, "Cyrillic": unicode.Cyrillic,
		"Armenian": unicode.Armenian, "Cherokee": unicode.Cherokee, "Coptic": unicode.Coptic, "Lisu": unicode.Lisu,
	}
}

// checkScript refuses a name with letters of two writing systems that look alike:
// it would be taken for the name of somebody else.
func checkScript(name string) error {
	first, before := "", rune(0)
	for _, r := range name {
		for script, table := range scripts() {
			if !unicode.Is(table, r) {
				continue
			}
			if first != "" && first != script {
				return fault.New(fault.Invalid, "the name %q has the %s letter %q and the %s letter %q in it, which look alike to people", name, first, string(before), script, string(r)).
					Field("name").Try("write it with the letters of one alphabet")
			}
			first, before = script, r
		}
	}
	return nil
}

// alike returns a text that is the same for names that people cannot tell apart by
// eye: letters of other alphabets, 0 and 1 are written as the Latin letters that
// they look like. The letters are those of Unicode Technical Standard 39,
// confusables, as far as they are letters of names in Cyrillic and Greek.
func alike(name string) string {
	const (
		others = "авекмнорстухіјѕһԁԛԝ" + "αβεικνορτυχ" + "01ı"
		latins = "abekmhopctyxijshdqw" + "abeikvoptux" + "oli"
	)
	to := []rune(latins)
	table := map[rune]rune{}
	for i, r := range []rune(others) {
		table[r] = to[i]
	}
	return strings.Map(func(r rune) rune {
		if l, ok := table[r]; ok {
			return l
		}
		return r
	}, fold(name))
}
