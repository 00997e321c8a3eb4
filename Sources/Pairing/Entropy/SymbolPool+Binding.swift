// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

extension SymbolPool.Binding {
    /// What the symbols of an exchange belong to.
    public init(
        _ options: ExchangeOptions, _ trace: ChannelTrace, environment: String
    ) throws(QWaveError) {
        let description = trace.description
        let size = trace.count > 0 ? trace.gains(at: 0).count : 0
        self.init(
            configuration: try options.digest(),
            radio: "\(description.format), \(description.quantity), \(size) gains a snapshot",
            environment: environment, simulated: description.simulated)
    }
}
