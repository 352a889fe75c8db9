package client

import (
	"context"
	"net/url"

	"secretome/internal/record"
	"secretome/internal/sample"
)

// PlaceLog says that a stored file is what the temperature logger of a place
// wrote.
type PlaceLog struct {
	Artifact string `json:"artifact"` // SHA-256 of the file
	Name     string `json:"name"`     // of the file
	Zone     string `json:"zone"`     // in which its times without an offset are, an IANA name
}

// PlaceLogged is the answer to [PlaceLog].
type PlaceLogged struct {
	Record  record.Ref      `json:"record"`
	Log     record.PlaceLog `json:"log"`
	Follows bool            `json:"follows,omitempty"`
}

// Custody tells the chain of identity and of custody of a thing.
func (c *Client) Custody(ctx context.Context, barcode string) (sample.Custody, error) {
	return get[sample.Custody](ctx, c, "/lots/"+url.PathEscape(barcode)+"/custody", nil)
}

// LogPlace takes an uploaded file as the temperature log of a place.
func (c *Client) LogPlace(ctx context.Context, request, place string, m PlaceLog) (PlaceLogged, error) {
	return post[PlaceLogged](ctx, c, request, "/places/"+url.PathEscape(place), m)
}

// Places lists the places of which there are temperature logs.
func (c *Client) Places(ctx context.Context) ([]sample.Place, error) {
	return get[[]sample.Place](ctx, c, "/places", nil)
}

// Place tells for which times there are temperatures of a place.
func (c *Client) Place(ctx context.Context, place string) (sample.PlaceView, error) {
	return get[sample.PlaceView](ctx, c, "/places/"+url.PathEscape(place), nil)
}
