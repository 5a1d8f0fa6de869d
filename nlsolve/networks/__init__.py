"""Wide networks as systems, with a tangent kernel that needs no Jacobian."""

from nlsolve.networks.convolutional import Convolutional
from nlsolve.networks.dense import Dense
from nlsolve.networks.linearity import Linearity, linearity
from nlsolve.networks.network import Network
from nlsolve.networks.residual import Residual

__all__ = ["Convolutional", "Dense", "Linearity", "Network", "Residual", "linearity"]
