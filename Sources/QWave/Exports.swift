// SPDX-License-Identifier: GPL-3.0-or-later

// One import for a library user: every room above the line, under one name. The rooms below it (radios, sockets,
// databases) are imported by their own names, so that the science builds without them.
@_exported public import Authentication
@_exported public import CaptureFormats
@_exported public import ChannelEstimation
@_exported public import ChannelModels
@_exported public import Fields
@_exported public import OneTimePad
@_exported public import Pairing
@_exported public import PrivacyAmplification
@_exported public import QWaveCore
@_exported public import Quantization
@_exported public import Reconciliation
@_exported public import Secrecy
@_exported public import Statistics
@_exported public import Transforms
