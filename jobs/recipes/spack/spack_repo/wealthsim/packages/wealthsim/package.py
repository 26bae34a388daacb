"""wealthsim for Spack 1.0 and later: README.md in jobs/recipes says how it is used."""
import os

from spack_repo.builtin.build_systems.makefile import MakefilePackage

from spack.package import *


class Wealthsim(MakefilePackage):
    """Wealth of a large population of households: exact statistics of the cross-section, on MPI ranks and OpenMP threads."""

    # The clone that Spack is started in: there is no other place to fetch it from.
    git = f"file://{os.getcwd()}"

    version("main", branch="main", get_full_repo=True)

    variant("sprng", default=True, description="Link with SPRNG 2.0b (else its family mlfg alone, by our own code)")
    variant("python", default=True, description="Install the Python package, which runs it, and reads, draws and fits its results")

    # Spack's own package sprng is version 5, which is another library. (The sum is that of nixpkgs.)
    resource(
        name="sprng",
        when="+sprng",
        url="http://www.sprng.org/Version2.0/sprng2.0b.tar.gz",
        sha256="8985d7cae4f20f57889bc7ba11dfed226a02057d396731f4a5cc174704131ac2",
        placement="sprng2.0b",
    )

    depends_on("c", type="build")
    depends_on("mpi@3:")
    depends_on("hdf5@1.10.6:+mpi+hl")
    depends_on("gmp")
    depends_on("openblas threads=openmp")
    depends_on("xxhash@0.8:", type="build")
    with when("+python"):
        extends("python")
        depends_on("python@3.9:", type=("build", "run"))
        depends_on("py-numpy@1.19:", type="run")
        depends_on("py-xarray@0.16:", type="run")
        depends_on("py-netcdf4@1.5:", type="run")
        depends_on("py-h5py@2.10:", type="run")
        depends_on("py-matplotlib@3.3:", type="run")
        depends_on("py-pillow", type="run")
        depends_on("py-scipy@1.6:", type="run")

    conflicts("%gcc@:7", msg="wealthsim needs GCC 8 or later")
    conflicts("%clang@:13", msg="wealthsim needs Clang 14 or later")

    @property
    def options(self):
        """The Makefile's options. Spack's compiler finds headers and libraries by itself."""
        return [
            f"PREFIX={self.prefix}",
            f"MPICC={self.spec['mpi'].mpicc}",
            f"MPIRUN={self.spec['mpi'].prefix.bin.mpiexec}",
            f"PYTHON={self.spec['python'].command.path if self.spec.satisfies('+python') else 'none'}",
            "HDF5_CFLAGS=",
            "HDF5_LIBS=-lhdf5_hl -lhdf5",
            "LAPACK_LIBS=-lopenblas",
            "GMP_LIBS=-lgmp",
            f"SPRNG={'' if self.spec.satisfies('+sprng') else 'none'}",
            "MODULES=",
        ]

    def build(self, spec, prefix):
        if spec.satisfies("+sprng"):
            make("sprng", "TARBALL=sprng2.0b")
        make(*self.options)

    def install(self, spec, prefix):
        make("install", *self.options)

    def check(self):
        """No suite of tests: it takes an hour."""

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def installcheck(self):
        with working_dir(self.stage.path):
            Executable(self.prefix.bin.wealthsim)("verify", "--class", "tiny")
