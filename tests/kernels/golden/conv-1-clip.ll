define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v5 = icmp sgt i64 %pairs, 0
  br i1 %v5, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  call void @llvm.codeview.annotation(metadata !0)
  %v6 = getelementptr float, ptr %wp, i64 0
  %v7 = load float, ptr %v6, align 4
  %v8 = insertelement <4 x float> poison, float %v7, i64 0
  %v9 = shufflevector <4 x float> %v8, <4 x float> poison, <4 x i32> zeroinitializer
  %v10 = getelementptr float, ptr %xp, i64 0
  %v11 = load <4 x float>, ptr %v10, align 4
  %v12 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v11, <4 x float> %v9, <4 x float> %a0_0_0)
  %a0_0_0.next = bitcast <4 x float> %v12 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 1
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v13 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v14 = fcmp olt <4 x float> %v13, <float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000>
  %v15 = select <4 x i1> %v14, <4 x float> <float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000, float 0x0000000000000000>, <4 x float> %v13
  %v16 = fcmp ogt <4 x float> %v15, <float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000>
  %v17 = select <4 x i1> %v16, <4 x float> <float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000, float 0x3FB99999A0000000>, <4 x float> %v15
  %v18 = mul i64 %y_channel, 0
  %v19 = getelementptr float, ptr %y, i64 %v18
  %v20 = icmp sle i64 %low, 0
  %v21 = icmp sge i64 %high, 4
  %v22 = and i1 %v20, %v21
  br i1 %v22, label %plain, label %masked
plain:
  %v23 = getelementptr float, ptr %v19, i64 0
  store <4 x float> %v17, ptr %v23, align 4
  br label %end
masked:
  %v24 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v25 = shufflevector <4 x i64> %v24, <4 x i64> poison, <4 x i32> zeroinitializer
  %v26 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v25
  %v27 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v28 = shufflevector <4 x i64> %v27, <4 x i64> poison, <4 x i32> zeroinitializer
  %v29 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v28
  %v30 = and <4 x i1> %v26, %v29
  %v31 = getelementptr float, ptr %v19, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v17, ptr %v31, i32 4, <4 x i1> %v30)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
