// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// The engines by name, and the choice among them.
public enum Reconcilers {
    /// LDPC in code frames of 4,096 bits at the most: quick for short keys and few rounds.
    static let short = LDPC(frameBits: 4096)

    private static let engines: [(name: String, engine: any Reconciler)] =
        [
            ("cascade", Cascade()), ("ldpc", LDPC()), ("ldpc-short", short), ("ldpc-long", LDPC()),
            ("ldpc-low-leak", wireless),
        ]
        + Cascade.Variant.allCases.filter { $0 != .balanced }.map { ($0.rawValue, Cascade($0)) }

    /// Every name that `named` knows, besides `ldpc-N` for code frames of N bits.
    public static var names: [String] { engines.map(\.name) }

    /// One engine of each family: what a comparison of all runs.
    public static let families = ["cascade", "ldpc-short", "ldpc-long"]

    /// The engine of that name.
    ///
    /// Throws `.usage` with the names that there are.
    public static func named(_ name: String) throws(QWaveError) -> any Reconciler {
        if let known = engines.first(where: { $0.name == name }) { return known.engine }
        let parts = name.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count >= 2, parts[0] == "ldpc", let bits = Int(parts[1]), (16...1 << 20).contains(bits),
            parts.count == 2 || parts[2] == "low-leak"
        {
            return LDPC(emphasis: parts.count == 2 ? .fewMessages : .littleLeak, frameBits: bits)
        }
        throw QWaveError(
            .usage,
            "there is no reconciliation '\(name)'; choose among \(names.joined(separator: ", ")), ldpc-N for code "
                + "frames of N bits, or ldpc-N-low-leak")
    }

    /// How `automatic` chooses, for the help of commands.
    public static let explanation = """
        The reconciler auto is ldpc where the responder has log-likelihoods, and for keys of up to 4,096 bits: two \
        to four rounds. Long hard keys get cascade: the least leak and the highest speed, for about a hundred \
        rounds; on a slow link name ldpc-long.
        """

    /// The engine for quantized channels, whose responder has log-likelihoods: a session has other messages by the
    /// dozen, so a few more rounds for a smaller leak are well spent.
    public static let wireless: any Reconciler = LDPC(emphasis: .littleLeak)

    /// What fits a key of so many bits.
    public static func automatic(bits: Int, isSoft: Bool) -> any Reconciler {
        isSoft || bits <= 4096 ? LDPC() : Cascade()
    }
}
