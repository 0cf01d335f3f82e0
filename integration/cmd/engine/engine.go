package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
)

// engine is a Docker Engine, asked by its API.
type engine struct {
	socket string
	*client.Client
}

// connect prepares the client. It sends nothing.
func (e *engine) connect() (err error) {
	e.Client, err = client.New(client.WithHost("unix://" + e.socket))
	return err
}

func (e *engine) inspect(ctx context.Context, name string) (image.InspectResponse, error) {
	i, err := e.ImageInspect(ctx, name)
	return i.InspectResponse, err
}

// save writes an image to a file, as docker save does.
func (e *engine) save(ctx context.Context, name, file string) error {
	archive, err := e.ImageSave(ctx, []string{name})
	if err != nil {
		return err
	}
	defer archive.Close()
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, archive); err != nil {
		return err
	}
	return f.Close()
}

// start runs a container until it ends.
func (e *engine) start(ctx context.Context, name string, env []string) error {
	made, err := e.ContainerCreate(ctx, client.ContainerCreateOptions{Image: name, Config: &container.Config{Env: env}})
	if err != nil {
		return err
	}
	wait := e.ContainerWait(ctx, made.ID, client.ContainerWaitOptions{Condition: container.WaitConditionNextExit})
	if _, err := e.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
		return err
	}
	select {
	case err := <-wait.Error:
		return err
	case ended := <-wait.Result:
		if ended.StatusCode != 0 {
			return fmt.Errorf("the container of %s ended with exit code %d", name, ended.StatusCode)
		}
		return nil
	}
}
