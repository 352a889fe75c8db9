package api

import "net/http"

func (a *api) document(w http.ResponseWriter, r *http.Request) {}
func (a *api) page(w http.ResponseWriter, r *http.Request)     {}
func (a *api) style(w http.ResponseWriter, r *http.Request)    {}
