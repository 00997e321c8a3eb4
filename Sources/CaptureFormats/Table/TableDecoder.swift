// SPDX-License-Identifier: GPL-3.0-or-later
public import QWaveCore

/// Reader of tables of numbers: one row a probe, values in columns that are chosen by name.
///
/// The separator (comma, semicolon, tab or spaces) and a header are recognized from the first line. Lines
/// that start with `#` and empty lines are passed over. `time_s`, `time`, `timestamp` (with `_ms`, `_us`,
/// `_ns` for other units) give the time; `sequence`, `seq`, `index`, `idx` the sequence number. Values are
/// decibels when the column's name ends in `_dbm`, `_db` or `rssi`, else amplitudes. Several chosen columns
/// are the receive antennas of one snapshot.
///
/// Without a header the columns are called 1, 2, …; one column is the value, of two the first is the time;
/// the values are decibels if any is negative, since no amplitude is.
public enum TableDecoder {
    /// - Throws: `.badInput` with the line for a field that is no finite number or a row with another number
    ///   of fields; `.usage` for a column that doesn't exist or a choice that must be made.
    public static func decode(
        _ bytes: [UInt8], name: String, options: CaptureOptions = CaptureOptions()
    ) throws(QWaveError) -> Capture {
        let source = ByteSource(bytes, name: name)
        let (layout, body, line) = try TableRows.layout(source)
        var capture = Capture(format: .table, description: .init(format: "table", quantity: .amplitude))
        capture.columns = layout.valueColumns.map { layout.names[$0] }
        let chosen = try choose(layout, name: name, options: options)
        capture.chosenColumns = chosen.map { layout.names[$0] }
        capture.trace.description.quantity = try quantity(layout, chosen, name: name, options: options)

        var roles = [TableLayout.Role](repeating: .ignored, count: layout.names.count)
        if let time = layout.time { roles[time.column] = .time(unit: time.unit) }
        if let sequence = layout.sequence { roles[sequence] = .sequence }
        for (position, column) in chosen.enumerated() { roles[column] = .value(position) }
        capture.sequenceSource = layout.sequence.map { layout.names[$0] }

        let shape = SnapshotShape(receiveAntennas: chosen.count)
        var rows = TableRows(source: source, layout: layout, roles: roles, position: body, line: line)
        rows.values = [IQ](repeating: .zero, count: chosen.count)
        var anyNegative = false
        while true {
            do throws(QWaveError) {
                guard try rows.next(packet: capture.trace.count) else { break }
            } catch {
                guard rows.isLast, !rows.endsWithLineEnd, options.allowTruncated else { throw error }
                capture.truncation = error.message
                break
            }
            for value in rows.values where value.re < 0 { anyNegative = true }
            capture.trace.append(sequence: rows.sequence, time: rows.time, shape: shape, gains: rows.values)
        }
        guard !capture.trace.isEmpty || capture.truncation != nil else {
            throw source.error(line: rows.line, "the table has no row of values")
        }
        if !layout.hasHeader, anyNegative { capture.trace.description.quantity = .decibels }
        return capture
    }

    private static func choose(
        _ layout: TableLayout, name: String, options: CaptureOptions
    ) throws(QWaveError) -> [Int] {
        let available = layout.valueColumns.map { layout.names[$0] }
        let shown = available.prefix(20).joined(separator: ", ") + (available.count > 20 ? ", …" : "")
        guard let wanted = options.column else {
            if layout.valueColumns.count == 1 || options.allColumns && !layout.valueColumns.isEmpty {
                return layout.valueColumns
            }
            throw QWaveError(
                available.isEmpty ? .badInput : .usage,
                available.isEmpty
                    ? "\(name): the table has no column of values, only time and sequence"
                    : "\(name): the table has several columns (\(shown)); say which, as \(name):\(available[0])"
            )
        }
        var chosen: [Int] = []
        for part in TableLayout.split(wanted, .byte(UInt8(ascii: ","))) {
            let exact = layout.names.indices.filter { layout.names[$0] == part }
            let found =
                exact.isEmpty
                ? layout.names.indices.filter { layout.names[$0].lowercased() == part.lowercased() } : exact
            guard let column = found.first, !part.isEmpty else {
                throw QWaveError(.usage, "\(name): the table has no column \"\(part)\"; it has \(shown)")
            }
            guard found.count == 1, !chosen.contains(column) else {
                throw QWaveError(
                    .usage, "\(name): column \"\(part)\" stands there twice; one of them is needed")
            }
            chosen.append(column)
        }
        return chosen
    }

    private static func quantity(
        _ layout: TableLayout, _ chosen: [Int], name: String, options: CaptureOptions
    ) throws(QWaveError) -> ChannelTrace.Quantity {
        let decibels = chosen.map { TableLayout.isDecibels(layout.names[$0]) }
        guard Set(decibels).count == 1 || options.column == nil else {
            let names = chosen.map { layout.names[$0] }.joined(separator: ", ")
            throw QWaveError(.usage, "\(name): columns \(names) mix decibels and amplitudes; choose one kind")
        }
        return decibels.allSatisfy { $0 } ? .decibels : .amplitude
    }
}
