package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// engine is asked by its API, of which a few calls are enough here.
type engine struct {
	socket string
}

// call sends a request and decodes the answer into out, or copies it there.
func (e *engine) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://engine"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", e.socket)
		},
	}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10)) // it is an error as it is
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, bytes.TrimSpace(text))
	}
	switch out := out.(type) {
	case nil:
		return nil
	case io.Writer:
		_, err = io.Copy(out, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// image is what the engine tells of one.
type image struct {
	Config struct {
		Labels map[string]string
	}
	RootFS struct {
		Layers []string
	}
}

func (e *engine) inspect(ctx context.Context, name string) (i image, err error) {
	err = e.call(ctx, http.MethodGet, "/images/"+name+"/json", nil, &i)
	return i, err
}

// save writes an image to a file, as docker save does.
func (e *engine) save(ctx context.Context, name, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := e.call(ctx, http.MethodGet, "/images/"+name+"/get", nil, f); err != nil {
		return err
	}
	return f.Close()
}

// start runs a container until it ends.
func (e *engine) start(ctx context.Context, image string, env []string) error {
	var made struct{ ID string }
	if err := e.call(ctx, http.MethodPost, "/containers/create", map[string]any{"Image": image, "Env": env}, &made); err != nil {
		return err
	}
	if err := e.call(ctx, http.MethodPost, "/containers/"+made.ID+"/start", nil, nil); err != nil {
		return err
	}
	var ended struct{ StatusCode int }
	if err := e.call(ctx, http.MethodPost, "/containers/"+made.ID+"/wait", nil, &ended); err != nil {
		return err
	}
	if ended.StatusCode != 0 {
		return fmt.Errorf("the container of %s ended with exit code %d", image, ended.StatusCode)
	}
	return nil
}
