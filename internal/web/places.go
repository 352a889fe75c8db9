package web

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/sample"
)

func placeRoutes() []route {
	return []route{
		{"GET /places", lab.Look, (*page).places},
		{"GET /places/{place}", lab.Look, (*page).place},
		{"POST /places", lab.LogPlace, (*page).logPlace},
	}
}

// placesPage lists the places.
type placesPage struct {
	Places []lab.StoragePlace
	logForm
}

// logForm is what was typed into the form that logs temperatures.
type logForm struct {
	May                        bool
	PlaceName, Cel, When, Zone string
}

func (p *page) logForm(place string) logForm {
	return logForm{
		May: p.may(lab.LogPlace) == nil, PlaceName: cmp.Or(p.value("place"), place), Cel: p.value("cel"), When: p.value("at"),
		Zone: cmp.Or(p.value("zone"), p.Zone.String()),
	}
}

// Address is that of a place's page.
func (placesPage) Address(place string) string { return placePath(place) }

func placePath(place string) string { return "/places/" + url.PathEscape(place) }

func (p *page) places() error {
	in, err := p.placesPage()
	if err != nil {
		return err
	}
	return p.show("places", "lots", "Places", in)
}

func (p *page) placesPage() (placesPage, error) {
	all, err := p.lab.Storage(p.r.Context(), p.Who)
	return placesPage{all, p.logForm("")}, err
}

// placePage is the temperatures of one place.
type placePage struct {
	lab.PlaceCurve
	logForm
	Curve placeCurve
	Done  bool
}

// Sign is how a lot that lies here stands.
func (in placePage) Sign(lot sample.Lot) lotSign { return signOf(lot, lab.Fitness{}) }

// Percent is a fraction as people read it: what is not whole never reads so.
func (placePage) Percent(f float64) string { return percentWords(f) }

func percentWords(f float64) string {
	const nearly = 0.995
	switch {
	case f >= 1:
		return "100\u00a0%"
	case f >= nearly:
		return "over 99\u00a0%"
	}
	return fmt.Sprintf("%.0f\u00a0%%", f*100)
}

func (p *page) place() error {
	c, err := p.lab.Curve(p.r.Context(), p.Who, p.r.PathValue("place"))
	if err != nil {
		return err
	}
	in := placePage{PlaceCurve: c, logForm: p.logForm(c.Place.Place), Curve: newPlaceCurve(c, p.Zone), Done: p.value("done") != ""}
	return p.show("place", "lots", c.Place.Place, in)
}

// logPlace takes a logger's file, or a temperature that was read off a display.
func (p *page) logPlace() error {
	p.r.Body = http.MaxBytesReader(p.w, p.r.Body, sample.MaxPlaceFile+1<<20)
	if err := p.r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return fault.Wrap(err, fault.Invalid, "the form could not be read")
	}
	request, err := p.request()
	if err != nil {
		return err
	}
	place, err := sample.CleanPlace(p.value("place"))
	if err == nil {
		err = p.takeLog(request, place)
	}
	if err != nil {
		in, err2 := p.placesPage()
		if err2 != nil {
			return err2
		}
		return p.again(inWordsOfPages(err), "places", "lots", "Places", in)
	}
	return p.see(placePath(place) + "?done=1")
}

func (p *page) takeLog(request, place string) error {
	if p.value("how") == "reading" {
		return p.takeReading(request, place)
	}
	file, head, err := p.r.FormFile("file")
	if err != nil {
		return fault.New(fault.Invalid, "Choose the logger's file").Field("file").Try("Or enter a temperature that you read off the display")
	}
	data, err := readAll(file)
	if err != nil {
		return err
	}
	q := lab.PlaceRequest{Request: request, Place: place, Name: head.Filename, Zone: p.value("zone")}
	_, err = p.lab.LogPlaceFile(p.r.Context(), p.Who, q, data)
	return atField(err, "file")
}

func (p *page) takeReading(request, place string) error {
	q := lab.PlaceReading{Request: request, Place: place, At: p.Now(), Cel: p.value("cel")}
	if q.Cel == "" {
		return fault.New(fault.Invalid, "Enter the temperature in °C").Field("cel")
	}
	if text := p.value("at"); text != "" {
		var err error
		if q.At, err = p.typedTime("at", text); err != nil {
			return err
		}
	}
	_, err := p.lab.LogReading(p.r.Context(), p.Who, q)
	return atField(err, "cel")
}

func readAll(file multipart.File) ([]byte, error) {
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the file could not be read")
	}
	return data, nil
}

// atField puts faults that are at no field to one, with the line of the file in
// the sentence.
func atField(err error, field string) error {
	if err == nil {
		return nil
	}
	var all faultList
	for _, f := range faultsOf(err) {
		if f.Kind == fault.Internal {
			return err
		}
		if f.Place.Field == "" {
			message := f.Message
			if f.Place.Line > 0 {
				message = fmt.Sprintf("Line %d: %s", f.Place.Line, f.Message)
			}
			f = fault.New(f.Kind, "%s", message).Field(field).Try("%s", f.Help)
		}
		all.add(f)
	}
	return all.err()
}

// day is a date in lab time.
func day(t time.Time, zone *time.Location) string { return t.In(zone).Format("2 Jan 2006") }
