package detect

import (
	"context"
	"errors"
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// Where the images that most are built from have their programs.
func TestTechnologiesOfKnownImages(t *testing.T) {
	const usual = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	tests := map[string]struct {
		files []string
		cfg   ocispecs.ImageConfig
		want  []string
	}{
		"eclipse-temurin": {
			files: []string{"opt/java/openjdk/bin/java"},
			cfg:   ocispecs.ImageConfig{Env: []string{"PATH=/opt/java/openjdk/bin:/usr/bin", "JAVA_HOME=/opt/java/openjdk"}},
			want:  []string{"java"},
		},
		"openjdk": {
			files: []string{"usr/local/openjdk-17/bin/java"},
			cfg:   ocispecs.ImageConfig{Env: []string{"PATH=/usr/local/openjdk-17/bin:/usr/bin"}},
			want:  []string{"java"},
		},
		"a JDK copied by its folder alone": {
			files: []string{"opt/jdk-21/bin/java"},
			want:  []string{"java"},
		},
		"Debian's Java": {
			files: []string{"usr/bin/java -> /etc/alternatives/java", "etc/alternatives/java -> /usr/lib/jvm/java-17-openjdk-amd64/bin/java", "usr/lib/jvm/java-17-openjdk-amd64/bin/java"},
			cfg:   ocispecs.ImageConfig{Env: []string{usual}},
			want:  []string{"java"},
		},
		"distroless Java": {
			files: []string{"usr/lib/jvm/java-17-openjdk-amd64/bin/java"},
			cfg:   ocispecs.ImageConfig{Env: []string{usual}},
			want:  []string{"java"},
		},
		"a runtime of jlink": {
			files: []string{"javaruntime/bin/java"},
			cfg:   ocispecs.ImageConfig{Env: []string{usual, "JAVA_HOME=/javaruntime"}},
			want:  []string{"java"},
		},
		"a command's own path": {
			files: []string{"srv/jre/bin/java", "tini"},
			cfg:   ocispecs.ImageConfig{Entrypoint: []string{"/tini", "--"}, Cmd: []string{"/srv/jre/bin/java", "-jar", "/app.jar"}},
			want:  []string{"java"},
		},
		"a shell's command": {
			files: []string{"srv/jre/bin/java"},
			cfg:   ocispecs.ImageConfig{WorkingDir: "/srv", Cmd: []string{"/bin/sh", "-c", "exec jre/bin/java -jar /app.jar"}},
			want:  []string{"java"},
		},
		"tomcat": {
			files: []string{"usr/local/tomcat/bin/catalina.sh", "opt/java/openjdk/bin/java"},
			cfg:   ocispecs.ImageConfig{Env: []string{"PATH=/usr/local/tomcat/bin:/opt/java/openjdk/bin:/usr/bin"}},
			want:  []string{"java"},
		},
		"node": {
			files: []string{"usr/local/bin/node", "usr/local/bin/nodejs -> /usr/local/bin/node"},
			cfg:   ocispecs.ImageConfig{Env: []string{usual}},
			want:  []string{"nodejs"},
		},
		"distroless node": {
			files: []string{"nodejs/bin/node"},
			cfg:   ocispecs.ImageConfig{Env: []string{usual}, Entrypoint: []string{"/nodejs/bin/node"}},
			want:  []string{"nodejs"},
		},
		"nvm": {
			files: []string{"home/app/.nvm/versions/node/v22.1.0/bin/node"},
			cfg:   ocispecs.ImageConfig{Env: []string{usual, "NVM_DIR=/home/app/.nvm"}},
			want:  []string{"nodejs"},
		},
		"nginx":     {files: []string{"usr/sbin/nginx"}, want: []string{"nginx"}},
		"openresty": {files: []string{"usr/local/openresty/nginx/sbin/nginx"}, want: []string{"nginx"}},
		"httpd": {
			files: []string{"usr/local/apache2/bin/httpd"},
			cfg:   ocispecs.ImageConfig{Env: []string{"PATH=/usr/local/apache2/bin:/usr/bin"}},
			want:  []string{"apache"},
		},
		"php:apache": {
			files: []string{"usr/sbin/apache2", "usr/local/bin/php"},
			want:  []string{"apache", "php"},
		},
		"php:fpm":           {files: []string{"usr/local/sbin/php-fpm"}, want: []string{"php"}},
		"Debian's PHP":      {files: []string{"usr/sbin/php-fpm8.2"}, want: []string{"php"}},
		"Alpine's PHP":      {files: []string{"usr/sbin/php-fpm83"}, want: []string{"php"}},
		"Debian's CGI":      {files: []string{"usr/bin/php-cgi8.2"}, want: []string{"php"}},
		"Fedora's node":     {files: []string{"usr/bin/node-20"}, want: []string{"nodejs"}},
		"dotnet/aspnet":     {files: []string{"usr/share/dotnet/dotnet", "usr/bin/dotnet -> /usr/share/dotnet/dotnet"}, want: []string{"dotnet"}},
		"Ubuntu's .NET":     {files: []string{"usr/lib/dotnet/dotnet"}, want: []string{"dotnet"}},
		".NET by itself":    {files: []string{"app/app", "app/libcoreclr.so -"}, cfg: ocispecs.ImageConfig{WorkingDir: "/app", Entrypoint: []string{"./app"}}, want: []string{"dotnet"}},
		".NET elsewhere":    {files: []string{"srv/app", "srv/libcoreclr.so -"}, cfg: ocispecs.ImageConfig{Entrypoint: []string{"/srv/app"}}, want: []string{"dotnet"}},
		"bitnami":           {files: []string{"opt/bitnami/node/bin/node", "opt/bitnami/nginx/sbin/nginx", "opt/bitnami/java/bin/java", "opt/bitnami/apache/bin/httpd", "opt/bitnami/php/sbin/php-fpm"}, want: []string{"apache", "java", "nginx", "nodejs", "php"}},
		"Graal":             {files: []string{"usr/lib64/graalvm/graalvm-java21/bin/java"}, want: []string{"java"}},
		"SUSE's Java":       {files: []string{"usr/lib64/jvm/jre-17-openjdk/bin/java"}, want: []string{"java"}},
		"an old JDK's part": {files: []string{"usr/lib/jvm/java-8/jre/bin/java"}, want: []string{"java"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Technologies(t.Context(), Memo(newTree(t, tt.files...)), tt.cfg)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// What only looks like one.
func TestTechnologiesThatAreNone(t *testing.T) {
	cfg := ocispecs.ImageConfig{Env: []string{"A=b", "PATH=/usr/bin:/bin:relative:/x[y]", "PATHS=/other", "JAVA_HOME=home"}}
	for name, files := range map[string][]string{
		"nothing":         nil,
		"not on PATH":     {"other/node", "relative/node", "home/bin/java", "xy/node"},
		"likeness":        {"usr/bin/nodemon", "usr/bin/javac", "usr/bin/phpize", "usr/bin/apache2ctl", "usr/bin/php-config8.2"},
		"left behind":     {"usr/bin/java -> /etc/alternatives/java", "etc/alternatives/java -> /usr/lib/jvm/java-17/bin/java"},
		"no program":      {"usr/bin/node -", "usr/bin/nginx/conf"},
		"applet":          {"bin/busybox", "bin/httpd -> busybox", "usr/bin/httpd -> /bin/busybox"},
		"linked applet":   {"bin/[", "bin/busybox = bin/[", "bin/httpd = bin/["},
		"the applet":      {"bin/busybox", "bin/httpd = bin/busybox"},
		"empty places":    {"usr/lib/jvm/java-17/README", "usr/share/dotnet/shared/x", "usr/local/apache2/bin/ab"},
		"our own":         {"opt/dynatrace/bin/java"},
		"an app's folder": {"usr/bin/node/index.js"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Technologies(t.Context(), Memo(newTree(t, files...)), cfg)
			require.NoError(t, err)
			require.Empty(t, got)
		})
	}
}

// A file beside multi-call programs is what it is.
func TestTechnologiesBesideAnApplet(t *testing.T) {
	files := newTree(t, "bin/busybox", "bin/nginx -> busybox", "usr/sbin/httpd", "usr/sbin/a = usr/sbin/httpd")
	got, err := Technologies(t.Context(), files, ocispecs.ImageConfig{})
	require.NoError(t, err)
	require.Equal(t, []string{"apache"}, got)
}

// A folder with such a name cannot be listed; what is looked for is found.
func TestTechnologiesBesideANameThatIsNoText(t *testing.T) {
	files := newTree(t, "usr/bin/\xff", "usr/bin/node", "usr/sbin/php-fpm8.2", "usr/sbin/\xfe", "opt/\xff", "\xff")
	got, err := Technologies(t.Context(), Memo(files), ocispecs.ImageConfig{})
	require.NoError(t, err)
	require.Equal(t, []string{"nodejs", "php"}, got)
}

type broken struct{}

func (broken) ReadDir(context.Context, client.ReadDirRequest) ([]*types.Stat, error) {
	return nil, errors.New("the builder is gone")
}

func TestTechnologiesOfABuilderThatIsGone(t *testing.T) {
	_, err := Technologies(t.Context(), Memo(broken{}), ocispecs.ImageConfig{})
	require.ErrorContains(t, err, "the builder is gone")
}
