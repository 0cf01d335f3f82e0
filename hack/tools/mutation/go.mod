module github.com/org/dt-frontend/hack/tools/mutation

go 1.26.8
