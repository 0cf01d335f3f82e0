// Package elf reads the little of an ELF file that says who loads it: class,
// byte order, machine and the interpreter.
//
// It exists beside debug/elf because dt-start links it: debug/elf brings DWARF
// and decompression along and reads every section, of files that anybody may
// have made.
package elf
