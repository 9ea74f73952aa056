// The entry point of `train`.
import CommandLineTool
import Foundation

exit(Program(single: trainCommand, kindOfError: kindOfError).run())
