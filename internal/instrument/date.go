package instrument

import (
	"fmt"
	"strconv"
	"strings"
)

// ISODate reads a printed date (5/14/2021, 29/02/2016, 2021-05-14, with or
// without a time behind it) as year-month-day. It is empty where day and month
// cannot be told apart: order is the PC's setting, and a guess would be wrong
// half of the time.
func ISODate(printed string) string {
	fields := strings.Fields(printed)
	if len(fields) == 0 {
		return ""
	}
	part := strings.FieldsFunc(fields[0], func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(part) != 3 {
		return ""
	}
	var n [3]int
	for i, p := range part {
		if !isDigits(p) || len(p) > 4 {
			return ""
		}
		n[i], _ = strconv.Atoi(p) // at most four digits: cannot fail
	}
	if len(part[0]) == 4 {
		return iso(n[0], n[1], n[2])
	}
	if len(part[2]) != 4 {
		return ""
	}
	switch a, b := n[0], n[1]; {
	case a == b, b > 12:
		return iso(n[2], a, b)
	case a > 12:
		return iso(n[2], b, a)
	}
	return ""
}

func iso(year, month, day int) string {
	if year < 1900 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
