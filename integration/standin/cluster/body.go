package cluster

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// body is a file's content. It is made while it is written, so that a large
// installer is never in memory.
type body struct {
	size int64
	open func() (io.ReadCloser, error)
}

func text(s string) body {
	return body{int64(len(s)), func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(s)), nil
	}}
}

// noise is a body that does not compress: the same for the same name.
func noise(size int64, name ...string) body {
	return body{size, func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(stream(name...), size)), nil
	}}
}

func joined(parts ...body) body {
	var all body
	for _, p := range parts {
		all.size += p.size
	}
	all.open = func() (io.ReadCloser, error) {
		var readers []io.Reader
		for _, p := range parts {
			r, err := p.open()
			if err != nil {
				return nil, err
			}
			readers = append(readers, r)
		}
		return io.NopCloser(io.MultiReader(readers...)), nil
	}
	return all
}

// elfHeader is the start of a shared object with nothing in it. It stands for
// code modules, which are looked at and never loaded.
func elfHeader(arch agent.Arch) body {
	machines := map[agent.Arch]elf.Machine{
		agent.ArchX86: elf.EM_X86_64, agent.ArchARM: elf.EM_AARCH64,
		agent.ArchPPCLE: elf.EM_PPC64, agent.ArchS390: elf.EM_S390,
	}
	var order binary.ByteOrder = binary.LittleEndian
	data := elf.ELFDATA2LSB
	if arch == agent.ArchS390 {
		order, data = binary.BigEndian, elf.ELFDATA2MSB
	}
	return inOrder(order, elf.Header64{
		Ident: ident(elf.ELFCLASS64, data),
		Type:  uint16(elf.ET_DYN), Machine: uint16(machines[arch]), Version: uint32(elf.EV_CURRENT),
		Ehsize: 64, Phentsize: 56, Shentsize: 64,
	})
}

// elfHeader32 is elfHeader for 32-bit x86.
func elfHeader32() body {
	return inOrder(binary.LittleEndian, elf.Header32{
		Ident: ident(elf.ELFCLASS32, elf.ELFDATA2LSB),
		Type:  uint16(elf.ET_DYN), Machine: uint16(elf.EM_386), Version: uint32(elf.EV_CURRENT),
		Ehsize: 52, Phentsize: 32, Shentsize: 40,
	})
}

func ident(class elf.Class, data elf.Data) (id [elf.EI_NIDENT]byte) {
	copy(id[:], elf.ELFMAG)
	id[elf.EI_CLASS], id[elf.EI_DATA], id[elf.EI_VERSION] = byte(class), byte(data), byte(elf.EV_CURRENT)
	return id
}

func inOrder(order binary.ByteOrder, header any) body {
	var b bytes.Buffer
	if err := binary.Write(&b, order, header); err != nil {
		panic(err) // headers are of fixed size
	}
	return text(b.String())
}
