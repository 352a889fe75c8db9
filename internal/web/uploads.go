package web

import "secretome/internal/lab"

// uploadRoutes are files in pieces: a script sends them, and goes on where it
// stopped when the network is back.
func uploadRoutes() []route {
	return []route{
		{"POST /uploads", lab.Upload, (*page).uploads},
		{"GET /uploads/{id}", lab.Upload, (*page).uploads},
		{"PATCH /uploads/{id}", lab.Upload, (*page).uploads},
		{"DELETE /uploads/{id}", lab.Upload, (*page).uploads},
	}
}

// uploads hands over to the handler that the API has as well.
func (p *page) uploads() error {
	if p.Uploads == nil {
		return notFound(p)
	}
	p.Uploads(p.w, p.r, p.Who)
	return nil
}
