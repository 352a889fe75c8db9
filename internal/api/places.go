package api

import (
	"net/http"

	"secretome/internal/client"
	"secretome/internal/lab"
	"secretome/internal/record"
)

func (a *api) custody(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	c, err := a.lab.Custody(r.Context(), who, r.PathValue("barcode"))
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, c)
}

func (a *api) places(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	all, err := a.lab.Places(r.Context(), who)
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, all)
}

func (a *api) place(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	v, err := a.lab.Place(r.Context(), who, r.PathValue("place"))
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, v)
}

// logPlace takes an uploaded file as the temperature log of a place.
func (a *api) logPlace(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.PlaceLog](a, w, r, who)
	if err != nil {
		return err
	}
	done, err := a.lab.LogPlace(r.Context(), who, lab.PlaceRequest{
		Request: r.Header.Get(client.KeyHeader), Place: r.PathValue("place"), Artifact: m.Artifact, Name: m.Name, Zone: m.Zone,
	})
	if err != nil {
		return err
	}
	return render(w, http.StatusCreated, client.PlaceLogged(done))
}
